package io.rananeeti.benchmarks.jdbc;

import io.rananeeti.benchmarks.Quartiles;
import io.rananeeti.benchmarks.jdbc.Contender.Subject;
import io.rananeeti.benchmarks.jdbc.Contender.Target;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The contenders side by side on one server, and their way to it: none, or a {@link SlowNetwork},
 * whose threads all pay for alike. Owned by one thread.
 */
final class Site implements AutoCloseable {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final int ASKED = 200;
  private static final int CALIBRATIONS = 4;

  private final PostgresServer server;
  private final Duration network;
  private final SlowNetwork way;
  private final Map<Contender, Subject> subjects = new EnumMap<>(Contender.class);

  Site(PostgresServer server, Duration network) {
    this.server = server;
    this.network = network;
    this.way = new SlowNetwork(server.host(), server.port());
  }

  /** Opens them; {@link #close()} closes those that were opened. */
  void open(List<Contender> contenders, Path directory) {
    String url = network.isZero() ? server.url() : slowUrl();
    for (Contender contender : contenders) {
      Target target =
          new Target(url, server.user(), server.password(), directory.resolve(contender.name()));
      subjects.put(contender, contender.open(target));
    }
  }

  Map<Contender, Subject> subjects() {
    return subjects;
  }

  /** Round trips of one transaction, averaged over so many; all of the pool's are counted. */
  double roundTrips(Contender contender, Work work, int transactions, long firstId)
      throws SQLException {
    Subject subject = Objects.requireNonNull(subjects.get(contender));
    long id = firstId;
    long before = way.roundTrips();
    for (int done = 0; done < transactions; done++) {
      work.run(subject.dataSource(), contender.table(), id);
      id += work.rows();
    }
    return (way.roundTrips() - before) / (double) transactions;
  }

  private String slowUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(way.port(), server.database());
  }

  /**
   * Sets the network so that a round trip takes as much more as it should, whatever threads and
   * timers add on this machine.
   *
   * @return what {@code SELECT 1} takes in milliseconds: direct, and through the network
   */
  List<Quartiles> calibrate() throws SQLException {
    Quartiles direct = ask(server.url());
    double wanted = direct.median() + network.toNanos() / NANOS_PER_MILLI;
    double oneWay = network.toNanos() / NANOS_PER_MILLI / 2;
    Quartiles slow = direct;
    for (int round = 0; round < CALIBRATIONS; round++) {
      way.delay(Duration.ofNanos((long) (oneWay * NANOS_PER_MILLI)));
      slow = ask(slowUrl());
      oneWay = Math.max(0, oneWay - (slow.median() - wanted) / 2);
    }
    return List.of(direct, slow);
  }

  private Quartiles ask(String url) throws SQLException {
    List<Double> taken = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(url, server.user(), server.password());
        PreparedStatement statement = connection.prepareStatement("SELECT 1")) {
      for (int i = 0; i < ASKED; i++) {
        long before = System.nanoTime();
        statement.execute();
        taken.add((System.nanoTime() - before) / NANOS_PER_MILLI);
      }
    }
    return Quartiles.of(taken);
  }

  @Override
  public void close() {
    try {
      for (Subject subject : subjects.values()) {
        subject.close();
      }
    } finally {
      way.close();
    }
  }
}
