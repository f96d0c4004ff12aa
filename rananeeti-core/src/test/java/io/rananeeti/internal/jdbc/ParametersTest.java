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
import java.time.OffsetDateTime;
import java.time.OffsetTime;
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

@SuppressWarnings("JavaUtilDate") // JDBC takes it
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
        Arguments.of("setObject", Instant.EPOCH, Kind.OBJECT, Instant.EPOCH));
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
  void keepsTheMillisecondsOfATimeAndTheOffsetOfItsCalendar() {
    Time time = new Time(Instant.parse("2026-07-01T10:20:30.456Z").toEpochMilli());
    OffsetTime there = OffsetTime.of(12, 20, 30, 456_000_000, ZoneOffset.ofHours(2));

    assertThat(of("setTime", time, Calendar.getInstance(TimeZone.getTimeZone("Europe/Prague"))))
        .isEqualTo(Parameter.of(Kind.TIME_WITH_OFFSET, there));
  }

  @Test
  void keepsADateWithTheOffsetThatItsCalendarHadOnIt() {
    Date date = new Date(Instant.parse("2026-01-31T23:30:00Z").toEpochMilli());
    OffsetDateTime there = OffsetDateTime.of(2026, 2, 1, 0, 30, 0, 0, ZoneOffset.ofHours(1));

    assertThat(of("setDate", date, Calendar.getInstance(TimeZone.getTimeZone("Europe/Prague"))))
        .isEqualTo(Parameter.of(Kind.DATE_WITH_OFFSET, there));
    assertThat(of("setDate", date)).isEqualTo(of("setObject", date));
    assertThat(of("setDate", date)).isEqualTo(of("setObject", date, Types.DATE));
  }

  @Test
  void convertsDatesToTheTypeGivenWithThem() {
    java.util.Date date = new java.util.Date(1_000_000);

    assertThat(of("setObject", date, Types.TIMESTAMP))
        .isEqualTo(of("setTimestamp", new Timestamp(1_000_000)));
    assertThat(of("setObject", new Timestamp(1_000_000), Types.DATE))
        .isEqualTo(of("setDate", new Date(1_000_000)));
    assertThat(of("setObject", date, JDBCType.TIME)).isEqualTo(of("setTime", new Time(1_000_000)));
    assertThat(of("setObject", date)).isNull();
    assertThat(of("setObject", new Timestamp(1), Types.INTEGER)).isNull();
  }

  @Test
  void keepsTheTypeOfANumberThatIsSetAsAnother() {
    assertThat(of("setObject", 5, Types.VARCHAR)).extracting(Parameter::value).isEqualTo(5);
    assertThat(of("setObject", BigInteger.TEN, Types.NUMERIC))
        .extracting(Parameter::value)
        .isEqualTo(BigInteger.TEN);
  }

  @Test
  void keepsCopiesOfArraysWithPrimitiveElementsBoxed() {
    int[][] numbers = {{1, 2}, {}};
    byte[][] bytes = {{1}, null};

    Parameter ofNumbers = Objects.requireNonNull(of("setObject", (Object) numbers));
    Parameter ofBytes = Objects.requireNonNull(of("setObject", bytes, Types.ARRAY));
    numbers[0][0] = 9;
    bytes[0][0] = 9;

    assertThat(ofNumbers.kind()).isEqualTo(Kind.ARRAY);
    assertThat((Integer[][]) ofNumbers.value()).isDeepEqualTo(new Integer[][] {{1, 2}, {}});
    assertThat((byte[][]) ofBytes.value()).isDeepEqualTo(new byte[][] {{1}, null});
    assertThat(ofBytes.sqlType()).isEqualTo(Types.ARRAY);
  }

  @Test
  void keepsNoArrayThatADriverCouldNotBeGivenAgain() {
    assertThat(of("setObject", (Object) new char[] {'a'})).isNull();
    assertThat(of("setObject", (Object) new Timestamp[0])).isNull();
    assertThat(of("setObject", (Object) new Object[] {List.of()})).isNull();
    assertThat(of("setObject", (Object) new Integer[1][])).isNull();
    assertThat(of("setObject", (Object) new int[1][1][1][1][1][1][1])).isNull();
  }

  @Test
  void whatCannotBeKeptIsSaidSo() {
    assertThat(of("setBinaryStream", InputStream.nullInputStream())).isNull();
    assertThat(of("setObject", List.of(1))).isNull();
    assertThat(of("setObject", List.of(1), Types.OTHER)).isNull();
    assertThat(of("setArray", new Object())).isNull();
  }

  private static @Nullable Parameter of(String setter, @Nullable Object... values) {
    @Nullable Object[] args = new @Nullable Object[values.length + 1];
    args[0] = 1;
    System.arraycopy(values, 0, args, 1, values.length);
    return Parameters.of(setter, args);
  }
}
