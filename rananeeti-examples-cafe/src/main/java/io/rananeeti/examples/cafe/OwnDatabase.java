package io.rananeeti.examples.cafe;

import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of the user's own, which may be down, and which the cafe neither starts nor stops.
 *
 * @param url its JDBC URL
 * @param user null for the one that the URL names or the operating system
 * @param password null if none is needed
 */
record OwnDatabase(String url, @Nullable String user, @Nullable String password)
    implements Database {

  @Override
  public @Nullable DatabaseSwitch powerSwitch() {
    return null;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "OwnDatabase";
  }
}
