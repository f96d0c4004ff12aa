package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Unit;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Objects;

/** Shows what a connection has recorded of the transaction that is under way. */
public final class Units {

  private Units() {}

  /** The transaction under way. */
  public static Unit of(Connection connection) {
    ConnectionHandler handler = (ConnectionHandler) Proxy.getInvocationHandler(connection);
    return Objects.requireNonNull(handler.unit(), "no transaction is under way");
  }
}
