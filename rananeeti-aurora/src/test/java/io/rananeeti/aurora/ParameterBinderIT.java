package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Outcome;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recorded parameters arrive as the application set them. */
class ParameterBinderIT extends StoreFixture {

  @BeforeAll
  static void makeTable() throws Exception {
    onServer(
        "CREATE TABLE kinds (id uuid PRIMARY KEY, bool boolean, small smallint, int4 int, int8 bigint,"
            + " float real, double double precision, exact numeric, text text, bytes bytea, date date,"
            + " time time, timetz timetz, stamp timestamp, stamptz timestamptz, uuid uuid, json jsonb)");
  }

  static List<Arguments> kinds() {
    OffsetDateTime stamp = OffsetDateTime.parse("2026-03-29T02:30:00.123456+05:45");
    return List.of(
        Arguments.of("bool", Parameter.of(Kind.BOOLEAN, true), "true"),
        Arguments.of("small", Parameter.of(Kind.INT8, -7L), "-7"),
        Arguments.of("small", Parameter.of(Kind.INT16, -300L), "-300"),
        Arguments.of("int4", Parameter.of(Kind.INT32, 70_000L), "70000"),
        Arguments.of("int8", Parameter.of(Kind.INT64, Long.MIN_VALUE), "-9223372036854775808"),
        Arguments.of("float", Parameter.of(Kind.FLOAT32, 1.5f), "1.5"),
        Arguments.of("double", Parameter.of(Kind.FLOAT64, -0.1), "-0.1"),
        Arguments.of("exact", Parameter.of(Kind.DECIMAL, new BigDecimal("12.340")), "12.340"),
        Arguments.of("text", Parameter.of(Kind.STRING, "čaj '\"\\ 🍵"), "čaj '\"\\ 🍵"),
        Arguments.of("text", Parameter.of(Kind.NSTRING, "čaj"), "čaj"),
        Arguments.of(
            "bytes",
            Parameter.of(Kind.BYTES, "tea\0".getBytes(StandardCharsets.UTF_8)),
            "\\x74656100"),
        Arguments.of("date", Parameter.of(Kind.DATE, LocalDate.of(2026, 2, 28)), "2026-02-28"),
        Arguments.of(
            "time", Parameter.of(Kind.TIME, LocalTime.of(23, 59, 59, 123_000_000)), "23:59:59.123"),
        Arguments.of("stamp", Parameter.of(Kind.TIMESTAMP, stamp), "2026-03-29 02:30:00.123456"),
        Arguments.of(
            "stamptz", Parameter.of(Kind.TIMESTAMP, stamp), "2026-03-28 20:45:00.123456+00"),
        Arguments.of(
            "stamptz",
            Parameter.of(Kind.OBJECT, Instant.parse("2026-03-28T20:45:00Z")),
            "2026-03-28 20:45:00+00"),
        Arguments.of("stamptz", Parameter.of(Kind.OBJECT, stamp), "2026-03-28 20:45:00.123456+00"),
        Arguments.of(
            "stamp",
            Parameter.of(Kind.OBJECT, LocalDateTime.of(2026, 3, 29, 2, 30)),
            "2026-03-29 02:30:00"),
        Arguments.of(
            "timetz", Parameter.of(Kind.OBJECT, stamp.toOffsetTime()), "02:30:00.123456+05:45"),
        Arguments.of(
            "uuid",
            Parameter.of(Kind.OBJECT, UUID.fromString("00000000-0000-0000-0000-000000000007")),
            "00000000-0000-0000-0000-000000000007"),
        Arguments.of(
            "json",
            new Parameter(Kind.OBJECT, "{\"a\": 1}", Types.OTHER, Parameter.UNTYPED, null),
            "{\"a\": 1}"),
        Arguments.of(
            "exact",
            new Parameter(Kind.OBJECT, new BigDecimal("1.239"), Types.NUMERIC, 2, null),
            "1.24"),
        Arguments.of("int4", empty(Types.INTEGER, null), null),
        Arguments.of("json", empty(Types.OTHER, "jsonb"), null),
        Arguments.of("text", empty(Parameter.UNTYPED, null), null));
  }

  private static Parameter empty(int sqlType, @Nullable String typeName) {
    return new Parameter(Kind.NULL, null, sqlType, Parameter.UNTYPED, typeName);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aParameterArrivesAsItWasSet(String column, Parameter parameter, @Nullable String expected)
      throws Exception {
    UUID id = UUID.randomUUID();
    Operation insert =
        prepared(
            "INSERT INTO kinds (id, %s) VALUES (?, ?)".formatted(column),
            1,
            Parameter.of(Kind.OBJECT, id),
            parameter);

    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      transaction.claim(List.of(nextId()), Outcome.APPLIED);
      apply(transaction, insert);
      transaction.commit();
    }

    try (Connection connection = server().connect()) {
      run(connection, "SET timezone = 'UTC'");
      assertThat(
              ask(connection, "SELECT %s::text FROM kinds WHERE id = '%s'".formatted(column, id)))
          .isEqualTo(expected);
    }
  }
}
