package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.List;
import java.util.Objects;
import java.util.TimeZone;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ParametersTest {

  static Stream<Arguments> plain() {
    return Stream.of(
        Arguments.of("setBoolean", true, Kind.BOOLEAN, true),
        Arguments.of("setByte", (byte) 1, Kind.INT8, 1L),
        Arguments.of("setShort", (short) -2, Kind.INT16, -2L),
        Arguments.of("setInt", 3, Kind.INT32, 3L),
        Arguments.of("setLong", Long.MAX_VALUE, Kind.INT64, Long.MAX_VALUE),
        Arguments.of("setFloat", 1.5f, Kind.FLOAT32, 1.5f),
        Arguments.of("setDouble", -0.0, Kind.FLOAT64, -0.0),
        Arguments.of("setBigDecimal", new BigDecimal("1.50"), Kind.DECIMAL, new BigDecimal("1.50")),
        Arguments.of("setString", "", Kind.STRING, ""),
        Arguments.of("setNString", "ä", Kind.NSTRING, "ä"),
        Arguments.of("setObject", 7, Kind.INT32, 7L),
        Arguments.of("setObject", 'c', Kind.STRING, "c"),
        Arguments.of("setObject", BigInteger.TEN, Kind.DECIMAL, BigDecimal.TEN),
        Arguments.of("setObject", new UUID(1, 2), Kind.OBJECT, new UUID(1, 2)),
        Arguments.of("setObject", Instant.EPOCH, Kind.OBJECT, Instant.EPOCH),
        Arguments.of(
            "setDate",
            Date.valueOf(LocalDate.of(2026, 2, 28)),
            Kind.DATE,
            LocalDate.of(2026, 2, 28)));
  }

  @ParameterizedTest
  @MethodSource("plain")
  void keepsWhatWasSet(String setter, Object given, Kind kind, Object value) {
    assertThat(of(setter, given)).isEqualTo(Parameter.of(kind, value));
  }

  @Test
  void keepsBytesAsTheyWereWhenTheyWereSet() {
    byte[] bytes = {1, 2};

    Parameter parameter = Objects.requireNonNull(of("setBytes", bytes));
    bytes[0] = 9;

    assertThat(parameter.value()).isEqualTo(new byte[] {1, 2});
  }

  @Test
  void keepsTheTypeOfANull() {
    assertThat(of("setNull", Types.INTEGER))
        .isEqualTo(new Parameter(Kind.NULL, null, Types.INTEGER, Parameter.UNTYPED, null));
    assertThat(of("setNull", Types.OTHER, "jsonb"))
        .isEqualTo(new Parameter(Kind.NULL, null, Types.OTHER, Parameter.UNTYPED, "jsonb"));
    assertThat(of("setString", (Object) null))
        .extracting(Parameter::sqlType)
        .isEqualTo(Types.VARCHAR);
    assertThat(of("setObject", null, Types.DATE))
        .extracting(Parameter::sqlType)
        .isEqualTo(Types.DATE);
    assertThat(of("setTimestamp", (Object) null))
        .extracting(Parameter::sqlType)
        .isEqualTo(Types.TIMESTAMP);
  }

  @Test
  void keepsTheTypeAndScaleGivenWithAnObject() {
    assertThat(of("setObject", "1.5", Types.NUMERIC, 2))
        .isEqualTo(new Parameter(Kind.OBJECT, "1.5", Types.NUMERIC, 2, null));
    assertThat(of("setObject", "{}", JDBCType.OTHER))
        .isEqualTo(new Parameter(Kind.OBJECT, "{}", Types.OTHER, Parameter.UNTYPED, null));
  }

  @Test
  void keepsTheMomentOfATimestampAndTheOffsetOfItsCalendar() {
    Timestamp timestamp = Timestamp.from(Instant.parse("2026-01-01T12:00:00.123456789Z"));

    Parameter parameter =
        Objects.requireNonNull(
            of("setTimestamp", timestamp, Calendar.getInstance(TimeZone.getTimeZone("GMT+2"))));

    assertThat(parameter.value())
        .isEqualTo(OffsetDateTime.of(2026, 1, 1, 14, 0, 0, 123_456_789, ZoneOffset.ofHours(2)));
    assertThat(of("setObject", timestamp)).isEqualTo(of("setTimestamp", timestamp));
  }

  @Test
  void keepsTheMillisecondsOfATime() {
    Time time = new Time(Time.valueOf("10:20:30").getTime() + 456);

    assertThat(of("setTime", time))
        .isEqualTo(Parameter.of(Kind.TIME, LocalTime.of(10, 20, 30, 456_000_000)));
  }

  @Test
  void whatCannotBeKeptIsSaidSo() {
    assertThat(of("setBinaryStream", InputStream.nullInputStream())).isNull();
    assertThat(of("setObject", List.of(1))).isNull();
    assertThat(of("setObject", List.of(1), Types.OTHER)).isNull();
    assertThat(of("setArray", new Object())).isNull();
    assertThat(of("setDate", Date.valueOf("2026-01-01"), Calendar.getInstance())).isNull();
    assertThat(of("setTime", Time.valueOf("10:00:00"), Calendar.getInstance())).isNull();
  }

  private static @Nullable Parameter of(String setter, @Nullable Object... values) {
    @Nullable Object[] args = new @Nullable Object[values.length + 1];
    args[0] = 1;
    System.arraycopy(values, 0, args, 1, values.length);
    return Parameters.of(setter, args);
  }
}
