package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.ParameterCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Clob;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class IntakeTest {

  private static final byte[] TEA = "čaj".getBytes(StandardCharsets.UTF_8);

  private final Intake intake = new Intake(new BoxCodec(), () -> null);

  static List<Arguments> streams() {
    return List.of(
        Arguments.of("setBinaryStream", new Object[] {in(TEA)}, Kind.BYTES, TEA),
        Arguments.of("setBinaryStream", new Object[] {in(TEA), 2}, Kind.BYTES, bytes(2)),
        Arguments.of("setBinaryStream", new Object[] {in(TEA), 2L}, Kind.BYTES, bytes(2)),
        Arguments.of("setAsciiStream", new Object[] {in("tea"), 2}, Kind.STRING, "te"),
        Arguments.of("setAsciiStream", new Object[] {in("tea"), 9L}, Kind.STRING, "tea"),
        Arguments.of("setAsciiStream", new Object[] {in("tea")}, Kind.STRING, "tea"),
        Arguments.of("setUnicodeStream", new Object[] {in(TEA), 2}, Kind.STRING, "ča"),
        Arguments.of("setCharacterStream", new Object[] {reader("tea"), 2}, Kind.STRING, "te"),
        Arguments.of("setCharacterStream", new Object[] {reader("tea"), 7L}, Kind.STRING, "tea"),
        Arguments.of("setCharacterStream", new Object[] {reader("")}, Kind.STRING, ""),
        Arguments.of("setNCharacterStream", new Object[] {reader("čaj")}, Kind.NSTRING, "čaj"),
        Arguments.of("setBlob", new Object[] {in(TEA)}, Kind.BLOB, TEA),
        Arguments.of("setBlob", new Object[] {in(TEA), 99L}, Kind.BLOB, TEA),
        Arguments.of("setClob", new Object[] {reader("čaj"), 2L}, Kind.CLOB, "ča"),
        Arguments.of("setNClob", new Object[] {reader("čaj")}, Kind.CLOB, "čaj"),
        Arguments.of("setClob", new Object[] {KeptClob.of("čaj")}, Kind.CLOB, "čaj"),
        Arguments.of("setObject", new Object[] {in(TEA), Types.BLOB}, Kind.BLOB, TEA),
        Arguments.of("setObject", new Object[] {KeptClob.of("čaj")}, Kind.CLOB, "čaj"));
  }

  @ParameterizedTest
  @MethodSource("streams")
  void keepsWhatWasInAStreamAndGivesItToEachDriver(
      String setter, Object[] values, Kind kind, Object expected) throws Throwable {
    Given given = take(setter, values);

    Parameter kept = Objects.requireNonNull(given.kept());
    assertThat(kept.kind()).isEqualTo(kind);
    assertThat(kept.value()).isEqualTo(expected);
    Object first = read(set(given).value());
    assertThat(first).isEqualTo(read(set(given).value()));
    if (!setter.equals("setUnicodeStream")) {
      assertThat(first)
          .isIn(expected, String.valueOf(kept.value()).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void givesALongStreamToOneDriverAsIfNothingHadBeenRead() throws Throwable {
    byte[] long1 = new byte[Streams.LARGEST + 1000];
    Arrays.fill(long1, (byte) 7);
    String longText = "ž".repeat(Streams.LARGEST / 2 + 1);

    Given bytes = take("setBinaryStream", in(long1), long1.length);
    Given text = take("setCharacterStream", reader(longText));

    assertThat(bytes.kept()).isNull();
    assertThat(bytes.once()).isTrue();
    assertThat(bytes.unkept()).startsWith("parameter 1 is longer than the log keeps: 8388608");
    Driver driver = set(bytes);
    assertThat(driver.args.get(2)).isEqualTo(long1.length);
    assertThat((byte[]) read(driver.value())).isEqualTo(long1);
    assertThat(text.once()).isTrue();
    assertThat(read(set(text).value())).isEqualTo(longText);
  }

  @Test
  void keepsAStreamThatIsJustNotTooLong() throws Throwable {
    assertThat(take("setBinaryStream", in(new byte[Streams.LARGEST])).kept()).isNotNull();
    assertThat(take("setCharacterStream", reader("x".repeat(Streams.LARGEST))).kept()).isNotNull();
    assertThat(take("setBinaryStream", in(new byte[1])).unkept()).contains("16777216");
    assertThat(take("setBinaryStream", in(new byte[0])).kept()).isNotNull();

    intake.over();

    assertThat(take("setBinaryStream", in(new byte[Streams.LARGEST])).kept()).isNotNull();
  }

  @Test
  void doesNotSetALongStreamTwiceAndGivesItToNoOtherDriver() throws Throwable {
    Given given = take("setBinaryStream", in(new byte[Streams.LARGEST + 1]));
    Driver driver = set(given);

    given.call().on(driver.statement());

    assertThat(driver.calls).isEqualTo(1);
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> set(given))
        .withMessageContaining("set the parameter again");
  }

  @Test
  void refusesStreamsThatAreShorterThanSaidOrCannotBeRead() {
    assertState("22023", "setBinaryStream", in(TEA), 5);
    assertState("22023", "setBinaryStream", in(TEA), -1);
    assertState("22023", "setCharacterStream", reader("tea"), -1);
    assertState(
        "58030",
        "setBinaryStream",
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("secret");
          }

          @Override
          public int read(byte[] into, int from, int most) throws IOException {
            throw new IOException("secret");
          }
        });
  }

  @Test
  void readsNoMoreThanTheLengthGiven() throws Throwable {
    InputStream in = in("teapot");

    take("setBinaryStream", in, 3);
    take("setAsciiStream", in, 1);

    assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("ot");
  }

  @Test
  void keepsAnArrayOfOursAndMakesTheDriversOnItsConnection() throws Throwable {
    Object[] elements = {"a", null, new Timestamp(0), new Box("b")};
    LocalArray array = new LocalArray("text", elements);
    elements[0] = "changed";
    Given given = take("setArray", array);
    array.free();

    Parameter kept = Objects.requireNonNull(given.kept());

    assertThat(kept.kind()).isEqualTo(Kind.ARRAY);
    assertThat(kept.typeName()).isEqualTo("text");
    assertThat((Object[]) kept.value())
        .containsExactly("a", null, new Timestamp(0).toString(), "b");
    assertThat(set(given).value()).isEqualTo("array of text, 4");
  }

  @Test
  void keepsADriversValueAsItWasWhenItWasSet() throws Throwable {
    Box box = new Box("a");
    Given given = take("setObject", box);
    box.content = "b";

    assertThat(given.kept()).isEqualTo(Parameter.of(Kind.DRIVER, "a", "box"));
    Object set = set(given).value();
    assertThat(((Box) set).content).isEqualTo("a");
    assertThat(set).isNotSameAs(set(given).value());
  }

  @Test
  void saysWhatCannotBeKeptByItsTypeAndNeverByItsValue() throws Throwable {
    ZonedDateTime value = ZonedDateTime.parse("2026-01-01T00:00:00Z[Europe/Prague]");

    Given given = take("setObject", value);

    assertThat(given.kept()).isNull();
    assertThat(given.once()).isFalse();
    assertThat(given.unkept())
        .isEqualTo("parameter 1 is a java.time.ZonedDateTime, which the log can't keep");
    assertThat(given.toString()).doesNotContain("2026");
    assertThat(take("setString", "secret").toString()).doesNotContain("secret");
  }

  private void assertState(String sqlState, String setter, Object... values) {
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> take(setter, values))
        .satisfies(e -> assertThat(e.getSQLState()).isEqualTo(sqlState))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  private Given take(String setter, Object... values) throws SQLException {
    Object[] args = new Object[values.length + 1];
    args[0] = 1;
    System.arraycopy(values, 0, args, 1, values.length);
    return intake.take(method(setter, values), args);
  }

  private static Method method(String setter, Object... values) {
    return Arrays.stream(PreparedStatement.class.getMethods())
        .filter(method -> method.getName().equals(setter))
        .filter(method -> method.getParameterCount() == values.length + 1)
        .filter(method -> fits(method.getParameterTypes(), values))
        .findFirst()
        .orElseThrow();
  }

  private static boolean fits(Class<?>[] types, Object[] values) {
    for (int i = 0; i < values.length; i++) {
      Class<?> type = types[i + 1];
      boolean same =
          type == int.class
              ? values[i] instanceof Integer
              : type == long.class ? values[i] instanceof Long : type.isInstance(values[i]);
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static Driver set(Given given) throws Throwable {
    Driver driver = new Driver();
    given.call().on(driver.statement());
    return driver;
  }

  private static Object read(Object value) throws Exception {
    if (value instanceof InputStream in) {
      return in.readAllBytes();
    }
    Reader reader = value instanceof Clob clob ? clob.getCharacterStream() : (Reader) value;
    StringBuilder text = new StringBuilder();
    for (int unit = reader.read(); unit >= 0; unit = reader.read()) {
      text.append((char) unit);
    }
    return text.toString();
  }

  private static InputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  private static InputStream in(String text) {
    return in(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Reader reader(String text) {
    return new StringReader(text);
  }

  private static byte[] bytes(int length) {
    return Arrays.copyOf(TEA, length);
  }

  /** A driver's statement that remembers the last setter called. */
  private static final class Driver {

    private List<@Nullable Object> args = List.of();
    private int calls;

    Object statement() {
      return statement;
    }

    private final Object statement =
        proxy(
            PreparedStatement.class,
            (self, method, given) -> {
              if (method.getName().equals("getConnection")) {
                return proxy(
                    java.sql.Connection.class,
                    (connection, asked, of) ->
                        proxy(
                            java.sql.Array.class,
                            (a, b, c) ->
                                "array of %s, %d".formatted(of[0], ((Object[]) of[1]).length)));
              }
              args = new ArrayList<>(Arrays.asList(given));
              calls++;
              return null;
            });

    Object value() {
      Object value = Objects.requireNonNull(args.get(1));
      return value instanceof java.sql.Array array ? array.toString() : value;
    }

    private static Object proxy(Class<?> type, java.lang.reflect.InvocationHandler handler) {
      return Proxy.newProxyInstance(Driver.class.getClassLoader(), new Class<?>[] {type}, handler);
    }
  }

  /** A type of a driver. */
  private static final class Box {
    private String content;

    Box(String content) {
      this.content = content;
    }
  }

  private static final class BoxCodec implements ParameterCodec {
    @Override
    public @Nullable Parameter encode(Object value, int sqlType) {
      return value instanceof Box box ? Parameter.of(Kind.DRIVER, box.content, "box") : null;
    }

    @Override
    public Object decode(Parameter parameter) {
      return new Box((String) Objects.requireNonNull(parameter.value()));
    }
  }
}
