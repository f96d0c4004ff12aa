package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.SqlLexer.Token;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.rowset.RowSetMetaDataImpl;
import org.jspecify.annotations.Nullable;

/**
 * The row of a query that lists literals only, such as the {@code SELECT 1} by which pools ask
 * whether a connection is alive: what the database would answer is known without it. Columns are
 * named and typed as PostgreSQL does.
 */
record Literals(List<Column> columns) {

  /**
   * One of its columns.
   *
   * @param value null, a {@code String}, {@code Boolean}, {@code Integer}, {@code Long} or {@code
   *     BigDecimal}
   */
  record Column(String name, @Nullable Object value) {

    private int type() {
      if (value instanceof Boolean) {
        return Types.BIT;
      } else if (value instanceof Integer) {
        return Types.INTEGER;
      } else if (value instanceof Long) {
        return Types.BIGINT;
      }
      return value instanceof BigDecimal ? Types.NUMERIC : Types.VARCHAR;
    }

    private String typeName() {
      return switch (type()) {
        case Types.BIT -> "bool";
        case Types.INTEGER -> "int4";
        case Types.BIGINT -> "int8";
        case Types.NUMERIC -> "numeric";
        default -> "text";
      };
    }
  }

  /** What the text lists after its SELECT; null if that is anything else than literals. */
  static @Nullable Literals of(String sql, List<Token> tokens) {
    List<Column> columns = new ArrayList<>();
    int at = 1;
    while (at < tokens.size()) {
      boolean signed = tokens.get(at).is("-") || tokens.get(at).is("+");
      int literal = signed ? at + 1 : at;
      Object value = literal < tokens.size() ? value(sql, tokens.get(literal), signed) : Kind.NONE;
      if (value == Kind.NONE) {
        return null;
      }
      int next = literal + 1;
      String name = "?column?";
      if (next + 1 < tokens.size() && tokens.get(next).is("AS")) {
        String given = name(sql, tokens.get(next + 1));
        if (given == null) {
          return null;
        }
        name = given;
        next += 2;
      }
      boolean negative = signed && tokens.get(at).is("-");
      columns.add(new Column(name, value == Kind.NULL ? null : negative ? negated(value) : value));
      if (next < tokens.size() && (!tokens.get(next).is(",") || next + 1 == tokens.size())) {
        return null;
      }
      at = next + 1;
    }
    return columns.isEmpty() ? null : new Literals(List.copyOf(columns));
  }

  private static Object value(String sql, Token token, boolean signed) {
    String raw = sql.substring(token.start(), token.end());
    return switch (token.type()) {
      case NUMBER -> number(raw);
      case STRING -> signed || raw.charAt(0) != '\'' ? Kind.NONE : token.text();
      case WORD ->
          switch (signed ? "" : token.text()) {
            case "TRUE" -> true;
            case "FALSE" -> false;
            case "NULL" -> Kind.NULL;
            default -> Kind.NONE;
          };
      default -> Kind.NONE;
    };
  }

  private static Object number(String raw) {
    if (raw.matches("\\d{1,100}")) {
      BigInteger whole = new BigInteger(raw);
      if (whole.bitLength() < Integer.SIZE) {
        return whole.intValue();
      }
      return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : new BigDecimal(whole);
    }
    return raw.matches("\\d{1,100}\\.\\d{1,100}") ? new BigDecimal(raw) : Kind.NONE;
  }

  private static Object negated(Object value) {
    if (value instanceof Integer number) {
      return -number;
    }
    return value instanceof Long number ? (Object) (-number) : ((BigDecimal) value).negate();
  }

  private static @Nullable String name(String sql, Token token) {
    return switch (token.type()) {
      case WORD -> token.text().toLowerCase(Locale.ROOT);
      case QUOTED -> sql.substring(token.start() + 1, token.end() - 1).replace("\"\"", "\"");
      default -> null;
    };
  }

  /** Describes the columns as the driver does. */
  RowSetMetaDataImpl metaData() throws SQLException {
    RowSetMetaDataImpl described = new RowSetMetaDataImpl();
    described.setColumnCount(columns.size());
    for (int i = 1; i <= columns.size(); i++) {
      Column column = columns.get(i - 1);
      described.setColumnName(i, column.name());
      described.setColumnLabel(i, column.name());
      described.setColumnType(i, column.type());
      described.setColumnTypeName(i, column.typeName());
      described.setNullable(i, RowSetMetaDataImpl.columnNullableUnknown);
    }
    return described;
  }

  /** What is no literal, and the literal that is no value. */
  private enum Kind {
    NONE,
    NULL
  }
}
