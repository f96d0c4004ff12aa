package io.rananeeti.testkit;

import io.rananeeti.store.Answered;
import io.rananeeti.store.Parameter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of texts as a {@link ResultSet}. Owned by its reader. */
final class InMemoryResult implements InvocationHandler {

  private final List<List<String>> rows;
  private int at = -1;
  private boolean closed;

  private InMemoryResult(List<List<String>> rows) {
    this.rows = rows;
  }

  static ResultSet of(List<List<String>> rows) {
    return (ResultSet)
        Proxy.newProxyInstance(
            ResultSet.class.getClassLoader(),
            new Class<?>[] {ResultSet.class},
            new InMemoryResult(rows));
  }

  /** What stands in it: whole numbers as such, all else as text. */
  static Answered answered(ResultSet result) {
    InMemoryResult rows = (InMemoryResult) Proxy.getInvocationHandler(result);
    int width = rows.rows.stream().mapToInt(List::size).max().orElse(0);
    return new Answered(
        IntStream.rangeClosed(1, width).mapToObj(i -> "column" + i).toList(),
        rows.rows.stream().map(row -> row.stream().map(InMemoryResult::value).toList()).toList());
  }

  private static Parameter value(String text) {
    return text.matches("0|-?[1-9]\\d{0,17}")
        ? Parameter.of(Parameter.Kind.INT64, Long.valueOf(text))
        : Parameter.of(Parameter.Kind.STRING, text);
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] args)
      throws SQLException {
    return switch (method.getName()) {
      case "next" -> ++at < rows.size();
      case "getString", "getObject" -> column(args);
      case "getInt" -> Integer.parseInt(column(args));
      case "getLong" -> Long.parseLong(column(args));
      case "wasNull" -> false;
      case "isClosed" -> closed;
      case "close" -> {
        closed = true;
        yield null;
      }
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> args != null && self == args[0];
      case "toString" -> "InMemoryResult" + rows;
      default -> throw InMemoryConnection.unsupported(method);
    };
  }

  private String column(@Nullable Object @Nullable [] args) throws SQLException {
    if (at < 0 || at >= rows.size()) {
      throw new SQLException("no current row", "24000");
    }
    List<String> row = rows.get(at);
    return args != null && args[0] instanceof Integer index
        ? row.get(index - 1)
        : row.get(row.size() - 1);
  }
}
