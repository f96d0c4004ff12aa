package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;

/**
 * A PostgreSQL server of the cafe's own, on 127.0.0.1. One that a killed cafe has left running is
 * taken over.
 */
final class EmbeddedDatabase implements Database {

  private final PostgresServer server;
  private final DatabaseSwitch powerSwitch;

  private EmbeddedDatabase(PostgresServer server) {
    this.server = server;
    this.powerSwitch = new DatabaseSwitch(server);
  }

  /** Starts it, or takes it over, and waits until it can be used. */
  static EmbeddedDatabase start(Path directory) {
    return new EmbeddedDatabase(PostgresServer.builder().directory(directory).start());
  }

  @Override
  public String url() {
    return server.url();
  }

  @Override
  public String user() {
    return server.user();
  }

  @Override
  public String password() {
    return server.password();
  }

  @Override
  public DatabaseSwitch powerSwitch() {
    return powerSwitch;
  }

  @Override
  public void close() {
    powerSwitch.close();
    server.close();
  }
}
