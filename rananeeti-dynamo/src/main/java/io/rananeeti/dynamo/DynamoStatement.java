package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.BufferedStatement;
import io.rananeeti.dynamo.Parser.Parsed;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.sql.Clob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A statement: a write becomes an action of the connection's transaction and answers 1, which the
 * commit verifies; a query is sent. Used by one thread.
 */
final class DynamoStatement extends BufferedStatement<AttributeValue> {

  private final DynamoConnection connection;
  private final List<String> texts = new ArrayList<>();
  private @Nullable ResultSet rows;

  DynamoStatement(
      DynamoConnection connection, Class<? extends Statement> type, @Nullable String text) {
    super(connection, type, text);
    this.connection = connection;
  }

  @Override
  protected @Nullable Object open(Object self, Method method, @Nullable Object[] args)
      throws Throwable {
    return switch (method.getName()) {
      case "getResultSet" -> rows;
      case "closeOnCompletion" -> option("CloseOnCompletion", true);
      case "isCloseOnCompletion" -> option("CloseOnCompletion") != null;
      case "cancel" -> throw unsupported("Statement.cancel: calls end by the store's time-out");
      default -> super.open(self, method, args);
    };
  }

  @Override
  protected AttributeValue value(String setter, @Nullable Object[] args) throws SQLException {
    return setter.equals("setNull") ? Values.of(null) : Values.of(read(Dates.given(setter, args)));
  }

  /** What streams and LOBs hold. */
  private static @Nullable Object read(@Nullable Object value) throws SQLException {
    if (value instanceof Reader reader) {
      return textOf(reader);
    }
    if (value instanceof Clob clob) {
      return clob.getSubString(1, (int) clob.length());
    }
    if (value instanceof java.sql.Array array) {
      return array.getArray();
    }
    return value == null ? null : bytesOf(value);
  }

  private static String textOf(Reader reader) throws SQLException {
    try {
      StringWriter all = new StringWriter();
      reader.transferTo(all);
      return all.toString();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  protected String textOf(@Nullable Object[] args) throws SQLException {
    if (args.length > 1
        && !(args[1] instanceof Integer none && none == Statement.NO_GENERATED_KEYS)) {
      throw unsupported("generated keys: DynamoDB generates none");
    }
    return super.textOf(args);
  }

  @Override
  protected void checkSet(NavigableSet<Integer> numbers) throws SQLException {
    for (int i = 1; i <= numbers.size(); i++) {
      if (!numbers.contains(i)) {
        throw new SQLException("no value is given for parameter " + i, "22023");
      }
    }
  }

  @Override
  protected boolean execute(String sql) throws SQLException {
    forget();
    if (connection.control(sql)) {
      count(0);
      return false;
    }
    Parsed parsed = StoreTexts.parse(sql);
    if (parsed.command() instanceof Command.Query) {
      rows = select(sql, parsed);
      return true;
    }
    write(sql, parsed, row());
    count(1);
    return false;
  }

  @Override
  protected ResultSet query(@Nullable Object[] args) throws SQLException {
    String sql = textOf(args);
    forget();
    Parsed parsed = StoreTexts.parse(sql);
    if (!(parsed.command() instanceof Command.Query)) {
      throw new SQLException("it returns no rows: " + PartiqlLexer.masked(sql), "07005");
    }
    ResultSet found = select(sql, parsed);
    rows = found;
    return found;
  }

  @Override
  protected long update(String sql) throws SQLException {
    forget();
    if (connection.control(sql)) {
      return count(0);
    }
    Parsed parsed = StoreTexts.parse(sql);
    if (parsed.command() instanceof Command.Query) {
      throw new SQLException("it returns rows: " + PartiqlLexer.masked(sql), "07005");
    }
    write(sql, parsed, row());
    return count(1);
  }

  private void write(String sql, Parsed parsed, List<AttributeValue> values) throws SQLException {
    connection.write(connection.store().operations().action(parsed, sql, values, true));
  }

  private ResultSet select(String sql, Parsed parsed) throws SQLException {
    List<AttributeValue> values = row();
    if (values.size() != parsed.parameters()) {
      throw new SQLException(
          "the statement has %d parameters, and %d are set: %s"
              .formatted(parsed.parameters(), values.size(), PartiqlLexer.masked(sql)),
          "22023");
    }
    int fetchSize = option("FetchSize") instanceof Integer size ? size : 0;
    long most =
        option("LargeMaxRows") instanceof Long large
            ? large
            : option("MaxRows") instanceof Integer max ? max : 0;
    return DynamoResultSet.open(proxy(), new Pages(connection, sql, values, fetchSize), most);
  }

  @Override
  protected int runBatch() throws SQLException {
    forget();
    String prepared = text();
    List<String> allTexts = List.copyOf(texts);
    List<List<AttributeValue>> all = takeBatch();
    if (prepared == null) {
      for (String sql : allTexts) {
        write(sql, StoreTexts.parse(sql), List.of());
      }
      return allTexts.size();
    }
    Parsed parsed = StoreTexts.parse(prepared);
    for (List<AttributeValue> values : all) {
      write(prepared, parsed, values);
    }
    return all.size();
  }

  @Override
  protected void addText(@Nullable Object[] args) throws SQLException {
    texts.add((String) given(args));
  }

  @Override
  protected @Nullable Object clearBatch() {
    texts.clear();
    return super.clearBatch();
  }

  @Override
  protected void forget() throws SQLException {
    if (rows != null) {
      rows.close();
    }
    rows = null;
    super.forget();
  }

  @Override
  protected String shown(String sql) {
    return PartiqlLexer.masked(sql);
  }
}
