package io.rananeeti.aurora.scenarios;

import io.rananeeti.testkit.AuroraEmulator;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** An emulated Global Database that scenarios are played on, one after another. */
final class Cluster implements AutoCloseable {

  private static final String HOME = "us-east-1";
  private static final String AWAY = "eu-west-1";

  private final AuroraEmulator aurora;

  private Cluster(AuroraEmulator aurora) {
    this.aurora = aurora;
  }

  /**
   * Starts one; those of one JVM have names of their own. A killed server loses nothing without
   * fsync, and the disk is left to the application's log, as if the database had its own.
   */
  static Cluster start(String name) {
    return new Cluster(
        AuroraEmulator.global()
            .name(name)
            .region(HOME, 2)
            .region(AWAY, 1)
            .setting("fsync", "off")
            .start());
  }

  AuroraEmulator aurora() {
    return aurora;
  }

  /** The URL of the Global Database, for the plain driver. */
  String url() {
    return aurora.url(aurora.globalEndpoint()) + "?sslmode=disable";
  }

  /** The writer's region. */
  String region() {
    return aurora.region(aurora.writer());
  }

  String otherRegion() {
    return region().equals(HOME) ? AWAY : HOME;
  }

  /** The instance beside the writer in its region. */
  String reader() {
    String writer = aurora.writer();
    return aurora.instances(region()).stream()
        .filter(each -> !each.equals(writer))
        .findFirst()
        .orElseThrow();
  }

  /** Everything is up, healthy and truthful again, with the writer in the region of two. */
  void restore() {
    aurora.truthfulDns();
    aurora.truthfulTopology();
    for (String region : aurora.regions()) {
      aurora.resume(region);
      aurora.heal(region);
    }
    aurora.regions().stream()
        .filter(each -> !each.equals(region()))
        .forEach(aurora::resumeReplication);
    if (region().equals(AWAY)) {
      aurora.rejoin(HOME);
      aurora.switchover(HOME);
    }
    aurora.startAll();
    aurora.awaitReplication();
  }

  /** A connection to the writer past everything that the scenario breaks. */
  Connection connect() throws SQLException {
    return aurora.connect(aurora.writer());
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  @Override
  public void close() {
    aurora.close();
  }
}
