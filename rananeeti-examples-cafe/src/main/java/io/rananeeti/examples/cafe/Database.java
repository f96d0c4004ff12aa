package io.rananeeti.examples.cafe;

import org.jspecify.annotations.Nullable;

/** Where the cafe's database is, and who the cafe is to it. */
interface Database extends AutoCloseable {

  /** The JDBC URL of the server itself. */
  String url();

  /** The user, null for the one that the URL names or the operating system. */
  @Nullable String user();

  /** The password, null if none is needed. */
  @Nullable String password();

  /** The switch to kill and start it with, null for a database that is not ours. */
  @Nullable DatabaseSwitch powerSwitch();

  @Override
  void close();
}
