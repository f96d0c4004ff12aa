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
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws records of every kind, with values of every type, extremes included. */
final class RandomRecords {

  private final RandomGenerator random;

  RandomRecords(RandomGenerator random) {
    this.random = random;
  }

  LogRecord next() {
    return switch (random.nextInt(13)) {
      case 0 -> new LogRecord.Opened(uuid(), instant());
      case 1 -> new LogRecord.Registered(text(), uuid());
      case 2 -> mark();
      case 3 -> new LogRecord.Adopted(text(), random.nextLong(), instant());
      case 4 -> new LogRecord.Held(text(), random.nextBoolean(), text(), text(), instant());
      case 5 ->
          new LogRecord.Leased(
              text(),
              text(),
              random.nextLong(),
              ranges(),
              orNull(this::text),
              orNull(random::nextLong));
      case 6 -> new LogRecord.Drawn(text(), text(), random.nextLong());
      case 7 -> new LogRecord.Copied(random.nextLong(), random.nextLong());
      case 8 -> new LogRecord.Moved(id(), random.nextLong());
      case 9 -> new LogRecord.Accepted(transaction(), random.nextBoolean());
      case 10 -> new LogRecord.Deferred(random.nextLong(), id());
      case 11 -> new LogRecord.Delayed(random.nextLong(), id());
      default ->
          new LogRecord.Accepted(
              transaction(), random.nextBoolean(), orNull(this::text), orNull(this::text));
    };
  }

  /** A transaction with settings and all, whose one statement has these parameters. */
  static LogRecord.Accepted accepted(List<Parameter> parameters) {
    Operation operation = new Operation("INSERT", true, List.of(parameters), List.of(1L));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("role", "tenant");
    settings.put("timezone", "UTC");
    return new LogRecord.Accepted(
        new Transaction(
            new TransactionId(new UUID(3, 4), 1),
            "orders",
            List.of(operation),
            new Context(Isolation.SERIALIZABLE, settings, null),
            "customer-7",
            null,
            Instant.EPOCH,
            null,
            null),
        false);
  }

  Parameter parameter() {
    Kind kind = one(Kind.values());
    return new Parameter(
        kind,
        kind == Kind.NULL ? null : valueOrContent(kind),
        random.nextBoolean() ? Parameter.UNTYPED : random.nextInt(),
        random.nextBoolean() ? Parameter.UNTYPED : random.nextInt(),
        orNull(this::text));
  }

  private List<ValueRange> ranges() {
    List<ValueRange> ranges = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      ranges.add(
          new ValueRange(random.nextInt(), 1 + random.nextInt(1_000), random.nextInt(101) - 50));
    }
    return ranges;
  }

  private LogRecord mark() {
    return new LogRecord.Mark(
        random.nextLong(),
        id(),
        one(Outcome.values()),
        orNull(() -> new Refusal(text(), text())),
        orNull(this::text),
        instant(),
        orNull(this::text));
  }

  private Transaction transaction() {
    return new Transaction(
        id(),
        text(),
        list(4, this::operation),
        new Context(one(Isolation.values()), settings(), orNull(this::text)),
        orNull(this::text),
        orNull(this::text),
        instant(),
        orNull(this::id),
        orNull(() -> new Intent(text(), HexFormat.of().toHexDigits(random.nextLong()))),
        random.nextInt(4) > 0 ? List.of() : list(3, this::part));
  }

  private Part part() {
    return new Part(text(), list(3, this::operation), list(3, this::id));
  }

  private Operation operation() {
    List<List<Parameter>> rows = list(3, () -> list(5, this::parameter));
    if (rows.isEmpty()) {
      rows = List.of(List.of());
    }
    List<Long> promised = rows.stream().map(row -> random.nextLong()).toList();
    List<List<Parameter>> answered = orNull(() -> list(3, () -> list(5, this::parameter)));
    return new Operation(text(), random.nextBoolean(), rows, promised, answered);
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      settings.put(text(), text());
    }
    return settings;
  }

  private Object valueOrContent(Kind kind) {
    boolean isLarge =
        switch (kind) {
          case STRING, NSTRING, CLOB, BYTES, BLOB, DRIVER, OBJECT -> random.nextInt(8) == 0;
          default -> false;
        };
    return isLarge
        ? new Content(
            HexFormat.of().toHexDigits(random.nextLong()).repeat(4), random.nextLong() >>> 1)
        : value(kind);
  }

  private Object value(Kind kind) {
    return switch (kind) {
      case NULL, BOOLEAN -> random.nextBoolean();
      case INT8, INT16, INT32, INT64 -> number();
      case FLOAT32 -> Float.intBitsToFloat(random.nextInt());
      case FLOAT64 -> Double.longBitsToDouble(random.nextLong());
      case DECIMAL -> decimal();
      case STRING, NSTRING -> text();
      case BYTES -> bytes();
      case DATE -> date();
      case TIME -> time();
      case TIMESTAMP -> OffsetDateTime.of(date(), time(), offset());
      case DATE_WITH_OFFSET -> OffsetDateTime.of(date(), time(), offset());
      case TIME_WITH_OFFSET -> OffsetTime.of(time(), offset());
      case BLOB -> bytes();
      case CLOB -> text();
      case ARRAY -> array(1 + random.nextInt(3), random.nextBoolean() ? type() : null);
      case DRIVER -> random.nextBoolean() ? text() : bytes();
      case OBJECT -> object(type());
    };
  }

  private ValueType type() {
    return one(ValueType.values());
  }

  /** Its elements are of the type, or each of any. */
  private Object[] array(int depth, @Nullable ValueType type) {
    Class<?> component = type == null ? Object.class : type.javaType();
    for (int i = 1; i < depth; i++) {
      component = component.arrayType();
    }
    Object[] array = (Object[]) Array.newInstance(component, random.nextInt(4));
    for (int i = 0; i < array.length; i++) {
      if (depth > 1) {
        array[i] = array(depth - 1, type);
      } else if (random.nextInt(4) > 0) {
        array[i] = object(type == null ? type() : type);
      }
    }
    return array;
  }

  private Object object(ValueType type) {
    return switch (type) {
      case BOOLEAN -> random.nextBoolean();
      case LONG -> number();
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE -> Double.longBitsToDouble(random.nextLong());
      case BIG_DECIMAL -> decimal();
      case STRING -> text();
      case BYTES -> bytes();
      case LOCAL_DATE -> date();
      case LOCAL_TIME -> time();
      case LOCAL_DATE_TIME -> LocalDateTime.of(date(), time());
      case OFFSET_TIME -> OffsetTime.of(time(), offset());
      case OFFSET_DATE_TIME -> OffsetDateTime.of(date(), time(), offset());
      case INSTANT -> instant();
      case UUID -> uuid();
      case BYTE -> (byte) random.nextInt();
      case SHORT -> (short) random.nextInt();
      case INTEGER -> random.nextInt();
      case BIG_INTEGER -> integer();
      case CHARACTER -> (char) random.nextInt();
    };
  }

  private long number() {
    return random.nextLong() >> random.nextInt(Long.SIZE);
  }

  private BigInteger integer() {
    BigInteger magnitude = new BigInteger(1, bytes());
    return random.nextBoolean() ? magnitude : magnitude.negate();
  }

  private BigDecimal decimal() {
    return new BigDecimal(integer(), random.nextInt() >> random.nextInt(Integer.SIZE));
  }

  private LocalDate date() {
    return LocalDate.ofYearDay(
        random.nextInt(-999_999_999, 1_000_000_000), 1 + random.nextInt(365));
  }

  private LocalTime time() {
    return LocalTime.ofNanoOfDay(random.nextLong(LocalTime.MAX.toNanoOfDay() + 1));
  }

  private ZoneOffset offset() {
    return ZoneOffset.ofTotalSeconds(random.nextInt(-64_800, 64_801));
  }

  private Instant instant() {
    long second =
        random.nextLong(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond())
            >> random.nextInt(Integer.SIZE);
    return Instant.ofEpochSecond(second, random.nextInt(1_000_000_000));
  }

  private TransactionId id() {
    return new TransactionId(uuid(), 1 + (random.nextLong() >>> 1) % Long.MAX_VALUE);
  }

  private UUID uuid() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(random.nextInt(11) == 0 ? 70_000 : 40)];
    random.nextBytes(bytes);
    return bytes;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      text.appendCodePoint(codePoint());
    }
    return text.toString();
  }

  private int codePoint() {
    return switch (random.nextInt(8)) {
      case 0 -> random.nextInt(Character.MAX_CODE_POINT + 1);
      case 1 -> random.nextInt(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
      case 2 -> random.nextInt(0x800);
      default -> random.nextInt(0x80);
    };
  }

  private <T> T one(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private <T> @Nullable T orNull(Supplier<T> draw) {
    return random.nextInt(3) == 0 ? null : draw.get();
  }

  private <T> List<T> list(int most, Supplier<T> draw) {
    List<T> list = new ArrayList<>();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      list.add(draw.get());
    }
    return list;
  }
}
