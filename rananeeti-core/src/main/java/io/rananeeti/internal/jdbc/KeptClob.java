package io.rananeeti.internal.jdbc;

import java.io.StringReader;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.NClob;
import java.sql.SQLFeatureNotSupportedException;
import org.jspecify.annotations.Nullable;

/** A text as a {@code Clob} for a driver that reads it. */
final class KeptClob implements InvocationHandler {

  private final String text;

  private KeptClob(String text) {
    this.text = text;
  }

  static NClob of(String text) {
    return (NClob)
        Proxy.newProxyInstance(
            KeptClob.class.getClassLoader(), new Class<?>[] {NClob.class}, new KeptClob(text));
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "length" -> (long) text.length();
      case "getCharacterStream" -> new StringReader(part(args));
      case "getSubString" -> part(args);
      case "free" -> null;
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> "Clob";
      default -> throw new SQLFeatureNotSupportedException("it can be read only", "0A000");
    };
  }

  /** From a position that starts at 1, of a length, wherever they are given. */
  private String part(@Nullable Object[] args) {
    if (args.length == 2 && args[0] instanceof Long from && args[1] instanceof Number length) {
      int start = (int) (from - 1);
      return text.substring(start, (int) Math.min(text.length(), start + length.longValue()));
    }
    return text;
  }
}
