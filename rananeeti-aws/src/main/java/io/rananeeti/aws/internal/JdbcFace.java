package io.rananeeti.aws.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What stands behind an interface of JDBC's that a store answers itself. */
public abstract class JdbcFace implements InvocationHandler {

  private final Service service;

  /** For the store on this service. */
  protected JdbcFace(Service service) {
    this.service = service;
  }

  /** The interface, answered by this. */
  protected final <T> T as(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {type}, this));
  }

  @Override
  public final @Nullable Object invoke(
      Object self, Method method, @Nullable Object @Nullable [] given) throws Throwable {
    @Nullable Object[] args = given == null ? new Object[0] : given;
    return switch (method.getName()) {
      case "hashCode" -> System.identityHashCode(self);
      case "equals" -> self == args[0];
      case "toString" -> toString();
      case "isWrapperFor" -> ((Class<?>) given(args)).isInstance(self);
      case "unwrap" -> unwrap(self, (Class<?>) given(args));
      default -> call(self, method, args);
    };
  }

  /** Any method but those of all objects and wrappers. */
  protected abstract @Nullable Object call(Object self, Method method, @Nullable Object[] args)
      throws Throwable;

  @Override
  public abstract String toString();

  final Service service() {
    return service;
  }

  /** A refusal of what JDBC knows and this store does not. */
  protected final SQLException unsupported(String what) {
    return service.unsupported(what);
  }

  /** The first argument, which must not be null. */
  protected static Object given(@Nullable Object[] args) throws SQLException {
    Object first = args.length == 0 ? null : args[0];
    if (first == null) {
      throw new SQLException("an argument is null", "22004");
    }
    return first;
  }

  private static Object unwrap(Object self, Class<?> type) throws SQLException {
    if (!type.isInstance(self)) {
      throw new SQLException("not a wrapper for " + type.getName(), "0A000");
    }
    return self;
  }
}
