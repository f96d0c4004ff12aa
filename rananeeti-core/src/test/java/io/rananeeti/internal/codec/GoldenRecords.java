package io.rananeeti.internal.codec;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Content;
import io.rananeeti.store.Context;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.Part;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.ValueRange;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The records of the golden files of format version 1, in their order. */
final class GoldenRecords {

  private static final UUID INCARNATION = UUID.fromString("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
  private static final Instant AT = Instant.parse("2026-02-28T23:59:59.987654321Z");
  private static final TransactionId ID = new TransactionId(INCARNATION, 4711);

  private GoldenRecords() {}

  static List<LogRecord> all() {
    return List.of(
        new LogRecord.Opened(INCARNATION, AT),
        new LogRecord.Registered("orders", INCARNATION),
        new LogRecord.Accepted(transaction(), true),
        new LogRecord.Accepted(smallest(), false),
        new LogRecord.Mark(12, ID, Outcome.APPLIED, null, null, AT),
        new LogRecord.Mark(
            13,
            ID,
            Outcome.REFUSED,
            new Refusal("23514", "violates check \u201ex\u201c"),
            "why",
            AT),
        new LogRecord.Mark(14, ID, Outcome.REPLACED, null, null, AT),
        new LogRecord.Mark(15, ID, Outcome.DISCARDED, null, "asked to", AT),
        new LogRecord.Mark(16, ID, Outcome.ABORTED, null, null, Instant.EPOCH));
  }

  /** What came after the first golden file was written. */
  static List<LogRecord> more() {
    return List.of(
        new LogRecord.Adopted("orders", 4712, AT),
        RandomRecords.accepted(
            List.of(
                Parameter.of(
                    Kind.DATE_WITH_OFFSET,
                    OffsetDateTime.of(2026, 3, 29, 0, 0, 0, 0, ZoneOffset.ofHours(2))),
                Parameter.of(
                    Kind.TIME_WITH_OFFSET,
                    OffsetTime.of(10, 20, 30, 456_000_000, ZoneOffset.ofTotalSeconds(20_476))),
                Parameter.of(Kind.BLOB, new byte[] {1, 2, 3}),
                Parameter.of(Kind.CLOB, "long \u0928 text"),
                Parameter.of(Kind.DRIVER, "{\"a\": 1}", "jsonb"),
                Parameter.of(Kind.DRIVER, new byte[] {4, 5}, "point"))),
        RandomRecords.accepted(
            List.of(
                Parameter.of(Kind.ARRAY, new Integer[] {1, null, -3}),
                new Parameter(Kind.ARRAY, new Long[] {}, Types.ARRAY, Parameter.UNTYPED, null),
                Parameter.of(Kind.ARRAY, new String[][] {{"a", null}, {"c", "d"}}, "text"),
                Parameter.of(Kind.ARRAY, new byte[][] {{1}, {}}),
                Parameter.of(Kind.ARRAY, new Double[][][] {{{0.5}}, {}}),
                Parameter.of(Kind.ARRAY, new Object[] {INCARNATION, null, "x", 7}, "text"))));
  }

  /** What came after the second one. */
  static List<LogRecord> most() {
    return List.of(new LogRecord.Lost(AT));
  }

  /** What came after the third one. */
  static List<LogRecord> leases() {
    return List.of(
        new LogRecord.Leased(
            "orders",
            "public.\"Item\"",
            64,
            List.of(new ValueRange(101, 32, 1), new ValueRange(-5, 2, -50)),
            null,
            null),
        new LogRecord.Leased("orders", "s", 0, List.of(), null, null),
        new LogRecord.Drawn("orders", "public.\"Item\"", Long.MAX_VALUE));
  }

  /** Leases that say of which sequence they are, and how far it was leased. */
  static List<LogRecord> states() {
    List<ValueRange> values = List.of(new ValueRange(7, 2, 1));
    return List.of(
        new LogRecord.Leased("orders", "public.s", 3, values, "16384/16390/1", null),
        new LogRecord.Leased("orders", "public.s", 5, List.of(), "16384/16390/1", -9L));
  }

  /** An entry that keeps as whom it was accepted. */
  static List<LogRecord> context() {
    Context context =
        new Context(Isolation.DEFAULT, Map.of("search_path", "\"$user\", public"), "orders");
    return List.of(
        new LogRecord.Accepted(
            new Transaction(ID, "s", List.of(), context, null, null, Instant.EPOCH, null, null),
            false));
  }

  /** What people decide. */
  static List<LogRecord> decided() {
    return List.of(
        new LogRecord.Held("orders", true, "ann", "upgrade to 18", AT),
        new LogRecord.Held("orders", false, "bob", "done \u201ein time\u201c", AT),
        new LogRecord.Accepted(smallest(), false, "ann", "the name was wrong"),
        new LogRecord.Mark(15, ID, Outcome.DISCARDED, null, "asked to", AT, "ann"));
  }

  /** What came after the third one. */
  static List<LogRecord> intents() {
    Transaction given = transaction();
    return List.of(
        new LogRecord.Accepted(
            new Transaction(
                given.id(),
                given.store(),
                List.of(),
                Context.NONE,
                null,
                null,
                AT,
                null,
                new Intent("request-\u0928-4711", "00".repeat(31) + "ff")),
            false),
        new LogRecord.Mark(17, ID, Outcome.DUPLICATE, null, INCARNATION + ":4710", AT));
  }

  /** What is kept until the other regions have it. */
  static List<LogRecord> retained() {
    return List.of(
        new LogRecord.Retained(transaction(), true, Map.of()),
        new LogRecord.Retained(smallest(), false, Map.of("public.\"Item\"", -7L)),
        new LogRecord.Era("orders", 12, 3, "7301:00000003@w1"));
  }

  /** What stands in a shared log only. */
  static List<LogRecord> copied() {
    return List.of(
        new LogRecord.Copied(4_711, 12), new LogRecord.Copied(-1, 0), new LogRecord.Moved(ID, 13));
  }

  /** A unit of work that waits for another store than its own. */
  static List<LogRecord> delayed() {
    return List.of(new LogRecord.Delayed(4_711, ID), new LogRecord.Delayed(-1, ID));
  }

  /** A unit of work across stores, and what waits again in its place. */
  static List<LogRecord> units() {
    Operation put = new Operation("PUT", true, List.of(List.of()), List.of(Operation.ANY));
    Operation item = new Operation("ITEM", true, List.of(List.of()), List.of(1L));
    Transaction own =
        new Transaction(ID, "orders", List.of(), Context.NONE, "k", null, AT, null, null);
    return List.of(
        new LogRecord.Accepted(
            own.after(
                List.of(
                    new Part("receipts", List.of(put), List.of()),
                    new Part("stock", List.of(item, item), List.of(ID)))),
            true),
        new LogRecord.Deferred(4_711, ID));
  }

  /** Parameters that name content beside the log. */
  static List<LogRecord> contents() {
    Content text = new Content("0123456789abcdef".repeat(4), 5_000_000_000L);
    Content bytes = new Content("f".repeat(64), 0);
    return List.of(
        RandomRecords.accepted(
            List.of(
                Parameter.of(Kind.STRING, text),
                Parameter.of(Kind.NSTRING, text),
                Parameter.of(Kind.CLOB, text),
                Parameter.of(Kind.DRIVER, text, "jsonb"),
                new Parameter(Kind.OBJECT, text, Types.OTHER, Parameter.UNTYPED, null),
                new Parameter(Kind.OBJECT, bytes, Types.VARBINARY, 7, null),
                Parameter.of(Kind.BLOB, bytes),
                Parameter.of(Kind.BYTES, bytes))));
  }

  /** Operations that have to answer again what the application has seen. */
  static List<LogRecord> keys() {
    List<List<Parameter>> none = List.of();
    List<List<Parameter>> seen =
        List.of(
            List.of(
                Parameter.of(Kind.INT64, 4_711L),
                new Parameter(Kind.NULL, null, Types.NULL, Parameter.UNTYPED, null)),
            List.of(
                Parameter.of(Kind.INT64, -7L),
                new Parameter(Kind.OBJECT, "(1,2)", Types.OTHER, Parameter.UNTYPED, null)));
    Operation insert =
        new Operation(
            "INSERT INTO t SELECT * FROM u RETURNING id, at",
            true,
            List.of(List.of()),
            List.of(2L),
            seen);
    Operation delete =
        new Operation(
            "DELETE FROM t RETURNING id", false, List.of(List.of()), List.of(Operation.ANY), none);
    return List.of(
        new LogRecord.Retained(
            new Transaction(
                ID,
                "s",
                List.of(insert, delete),
                Context.NONE,
                null,
                null,
                Instant.EPOCH,
                null,
                null),
            false,
            Map.of("public.t_id_seq", 4_711L)));
  }

  private static Transaction smallest() {
    return new Transaction(ID, "s", List.of(), Context.NONE, null, null, Instant.EPOCH, null, null);
  }

  private static Transaction transaction() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("timezone", "Asia/Kathmandu");
    settings.put("role", "tenant");
    return new Transaction(
        ID,
        "orders",
        List.of(
            new Operation("INSERT INTO t VALUES (?)", true, rows(), List.of(1L, Operation.ANY)),
            new Operation("DELETE FROM t", false, List.of(List.of()), List.of(0L))),
        new Context(Isolation.SERIALIZABLE, settings, null),
        "customer-7",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        AT,
        new TransactionId(INCARNATION, 1),
        null);
  }

  private static List<List<Parameter>> rows() {
    return List.of(setters(), objects());
  }

  private static List<Parameter> setters() {
    return List.of(
        new Parameter(Kind.NULL, null, Types.OTHER, Parameter.UNTYPED, "jsonb"),
        Parameter.of(Kind.BOOLEAN, true),
        Parameter.of(Kind.INT8, (long) Byte.MIN_VALUE),
        Parameter.of(Kind.INT16, (long) Short.MAX_VALUE),
        Parameter.of(Kind.INT32, (long) Integer.MIN_VALUE),
        Parameter.of(Kind.INT64, Long.MAX_VALUE),
        Parameter.of(Kind.FLOAT32, -0.0f),
        Parameter.of(Kind.FLOAT64, Double.NaN),
        Parameter.of(Kind.DECIMAL, new BigDecimal("1.500")),
        Parameter.of(Kind.DECIMAL, new BigDecimal("-1E+40")),
        Parameter.of(Kind.STRING, "\u0928\u092e\u0938\u094d\u0924\u0947 \ud83c\udf75"),
        Parameter.of(Kind.STRING, "half \ud83c"),
        Parameter.of(Kind.NSTRING, ""),
        Parameter.of(Kind.BYTES, new byte[] {0, -1, 127}),
        Parameter.of(Kind.DATE, LocalDate.of(-44, 3, 15)),
        Parameter.of(Kind.TIME, LocalTime.MAX),
        Parameter.of(
            Kind.TIMESTAMP,
            OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 1, ZoneOffset.ofHoursMinutes(5, 45))));
  }

  private static List<Parameter> objects() {
    return List.of(
        new Parameter(Kind.OBJECT, false, Types.BOOLEAN, Parameter.UNTYPED, null),
        new Parameter(Kind.OBJECT, new BigDecimal("2.00"), Types.NUMERIC, 2, null),
        Parameter.of(Kind.OBJECT, 5L),
        Parameter.of(Kind.OBJECT, 5),
        Parameter.of(Kind.OBJECT, (short) 5),
        Parameter.of(Kind.OBJECT, (byte) 5),
        Parameter.of(Kind.OBJECT, 'x'),
        Parameter.of(Kind.OBJECT, 1.5f),
        Parameter.of(Kind.OBJECT, 1.5),
        Parameter.of(Kind.OBJECT, BigInteger.ONE.shiftLeft(64)),
        Parameter.of(Kind.OBJECT, BigInteger.ONE.shiftLeft(64).negate()),
        Parameter.of(Kind.OBJECT, "text"),
        Parameter.of(Kind.OBJECT, new byte[] {42}),
        Parameter.of(Kind.OBJECT, LocalDate.EPOCH),
        Parameter.of(Kind.OBJECT, LocalTime.NOON),
        Parameter.of(Kind.OBJECT, LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_999)),
        Parameter.of(Kind.OBJECT, OffsetTime.of(1, 2, 3, 4, ZoneOffset.MIN)),
        Parameter.of(Kind.OBJECT, OffsetDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.MAX)),
        Parameter.of(Kind.OBJECT, AT),
        Parameter.of(Kind.OBJECT, INCARNATION));
  }
}
