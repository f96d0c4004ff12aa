package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.ParameterCodec;
import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.Method;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.sql.Types;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes in what the application passes to setters, when it passes it: what it may change, free or
 * let read once only is turned into a form that can be set again. Owned by the connection's thread.
 *
 * <p>A stream or a LOB is read here, once, up to {@link Streams#LARGEST} bytes, and up to {@link
 * Streams#MOST} together in one transaction. What is longer goes to the spool while no writer can
 * be reached; else to the driver as it would without the platform, and can't be kept.
 */
final class Intake {

  private static final Method SET_OBJECT = setter("setObject", Object.class);
  private static final Method SET_TYPED = setter("setObject", Object.class, int.class);
  private static final Method SET_NULL = setter("setNull", int.class, String.class);
  private static final Method SET_BLOB = setter("setBlob", InputStream.class, long.class);
  private static final Method SET_ENDLESS_BLOB = setter("setBlob", InputStream.class);

  private final ParameterCodec codec;
  private final Streams streams;

  /**
   * Of one connection.
   *
   * @param spooling where what is too long for memory goes now; null if it can't be kept
   */
  Intake(ParameterCodec codec, Supplier<@Nullable Spooling> spooling) {
    this.codec = codec;
    this.streams = new Streams(spooling);
  }

  /** The transaction is over, or a batch was run. */
  void over() {
    streams.over();
  }

  /**
   * What is given to the driver, and what is kept.
   *
   * @throws SQLException if a stream, or the driver's value, can't be read
   */
  Given take(Method method, @Nullable Object[] args) throws SQLException {
    Object value = args[1];
    if (!(args[0] instanceof Integer)) {
      return Given.unkept(Call.of(method, args), "set by name");
    }
    if (value instanceof InputStream in) {
      return bytes(method, args, in);
    }
    if (value instanceof Reader reader) {
      return text(method, args, reader);
    }
    if (value instanceof Blob || value instanceof Clob || value instanceof SQLXML) {
      return large(method, args, value);
    }
    if (value instanceof LocalArray array) {
      return array(method, args, array);
    }
    return value == null || isOfJava(value)
        ? ofJava(method, args, value)
        : ofDriver(method, args, value);
  }

  private static boolean isOfJava(Object value) {
    Class<?> type = value.getClass();
    return type.isArray() || type.getName().startsWith("java.");
  }

  private Given ofJava(Method method, @Nullable Object[] args, @Nullable Object value)
      throws SQLException {
    Parameter kept = Parameters.of(method.getName(), args);
    if (kept == null && value != null) {
      kept = codec.encode(value, Parameters.sqlType(args));
    }
    return given(method, args, kept);
  }

  private Given ofDriver(Method method, @Nullable Object[] args, Object value) throws SQLException {
    boolean withCalendar = args.length > 2 && !method.getName().equals("setObject");
    Parameter kept = withCalendar ? null : codec.encode(value, Parameters.sqlType(args));
    return given(method, args, kept == null ? Parameters.of(method.getName(), args) : kept);
  }

  private Given given(Method method, @Nullable Object[] args, @Nullable Parameter kept) {
    Object value = args[1];
    if (kept == null) {
      String type = value == null ? "nothing" : "a " + value.getClass().getTypeName();
      return Given.unkept(Call.of(method, args), type + ", which the log can't keep");
    }
    if (kept.kind() == Kind.DRIVER) {
      Remade anew = driver -> codec.decode(kept);
      return Given.kept(Call.of(SET_OBJECT, args[0], anew), kept);
    }
    if (kept.kind() == Kind.NULL && value != null && !method.getName().equals("setNull")) {
      return Given.kept(Call.of(SET_NULL, args[0], kept.sqlType(), kept.typeName()), kept);
    }
    return Given.kept(Call.of(method, args), kept);
  }

  private Given array(Method method, @Nullable Object[] args, LocalArray array)
      throws SQLException {
    String elementType = array.getBaseTypeName();
    Remade anew =
        driver -> ((Statement) driver).getConnection().createArrayOf(elementType, array.elements());
    Call call = Call.of(method, args).with(anew);
    Object[] kept = ArrayCopy.anyType(array.elements(), this::element);
    return kept == null
        ? Given.unkept(call, "an array with elements that the log can't keep")
        : Given.kept(call, Parameter.of(Kind.ARRAY, kept, elementType));
  }

  /** Drivers send elements as text. */
  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  private @Nullable Object element(Object value) {
    if (Parameters.isKept(value)) {
      return value;
    }
    if (value instanceof java.util.Date date) {
      return date.toString();
    }
    try {
      Parameter portable = codec.encode(value, Types.OTHER);
      return portable == null ? null : portable.value();
    } catch (SQLException unreadable) {
      return null;
    }
  }

  private Given bytes(Method method, @Nullable Object[] args, InputStream in) throws SQLException {
    Kind kind =
        switch (method.getName()) {
          case "setBinaryStream" -> Kind.BYTES;
          case "setBlob" -> Kind.BLOB;
          case "setAsciiStream", "setUnicodeStream" -> Kind.STRING;
          default -> Parameters.sqlType(args) == Types.BLOB ? Kind.BLOB : Kind.OBJECT;
        };
    Call call = Call.of(method, args);
    if (kind == Kind.OBJECT) {
      return Given.unkept(call.with(new PassedOn(in)), "a stream set as an object");
    }
    return streams.bytes(call, kind, in);
  }

  private Given text(Method method, @Nullable Object[] args, Reader reader) throws SQLException {
    Kind kind =
        switch (method.getName()) {
          case "setCharacterStream" -> Kind.STRING;
          case "setNCharacterStream" -> Kind.NSTRING;
          case "setClob", "setNClob" -> Kind.CLOB;
          default -> Kind.OBJECT;
        };
    Call call = Call.of(method, args);
    return kind == Kind.OBJECT
        ? Given.unkept(call.with(new PassedOn(reader)), "a stream set as an object")
        : streams.text(call, kind, reader);
  }

  private Given large(Method method, @Nullable Object[] args, Object value) throws SQLException {
    int sqlType = Parameters.sqlType(args);
    Call call = Call.of(method, args);
    if (value instanceof Blob blob && isOneOf(sqlType, Types.BLOB)) {
      return streams.blob(
          call,
          blob,
          Call.of(SET_BLOB, args[0], null, 0L),
          Call.of(SET_ENDLESS_BLOB, args[0], null));
    }
    if (value instanceof Clob clob && isOneOf(sqlType, Types.CLOB)) {
      return streams.clob(call, clob);
    }
    if (value instanceof SQLXML xml && isOneOf(sqlType, Types.SQLXML)) {
      return xml(args, xml.getString());
    }
    return Given.unkept(call, "a LOB with another type");
  }

  private static boolean isOneOf(int sqlType, int own) {
    return sqlType == Parameter.UNTYPED || sqlType == own;
  }

  private static Given xml(@Nullable Object[] args, @Nullable String text) {
    Kind kind = text == null ? Kind.NULL : Kind.OBJECT;
    return Given.kept(
        Call.of(SET_TYPED, args[0], text, Types.SQLXML),
        new Parameter(kind, text, Types.SQLXML, Parameter.UNTYPED, null));
  }

  private static Method setter(String name, Class<?>... types) {
    try {
      Class<?>[] all = new Class<?>[types.length + 1];
      all[0] = int.class;
      System.arraycopy(types, 0, all, 1, types.length);
      return PreparedStatement.class.getMethod(name, all);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("JDBC has no such setter: " + name, e);
    }
  }
}
