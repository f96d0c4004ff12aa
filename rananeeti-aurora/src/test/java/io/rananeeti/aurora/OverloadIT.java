package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformListener;
import io.rananeeti.testkit.PostgresServer;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database with twice the work that it can do is slow, not down: four seconds in {@code verify},
 * ten minutes with {@code -Pfull}.
 */
class OverloadIT {

  private static final Duration LENGTH =
      Boolean.getBoolean("rananeeti.test.full") ? Duration.ofMinutes(10) : Duration.ofSeconds(4);

  /** As many as the pool has, which all work all the time; twice as many ask. */
  private static final int POOL = 4 * Runtime.getRuntime().availableProcessors();

  private static final String WORK =
      "SELECT count(*) FROM pg_catalog.generate_series(1, 200000) AS n WHERE n % 7 = 3";

  private final Queue<String> downs = new ConcurrentLinkedQueue<>();
  private final Queue<SQLException> surprises = new ConcurrentLinkedQueue<>();
  private final CountDownLatch surprised = new CountDownLatch(1);
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private volatile boolean over;
  @TempDir Path directory;

  @Test
  void anOverloadedDatabaseIsNeverDownWhileItAnswers() throws Exception {
    try (PostgresServer server = PostgresServer.builder().start()) {
      server.execute("CREATE TABLE items (id bigint PRIMARY KEY, name text)");
      try (DataPlatform platform = open(server)) {
        awaitUp(platform);
        List<Thread> threads = clients(platform);
        boolean told = surprised.await(LENGTH.toMillis(), TimeUnit.MILLISECONDS);
        over = true;
        assertThat(told).as("a client met %s", surprises).isFalse();
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
    assertThat(surprises).isEmpty();
    assertThat(answers.get()).isPositive();
    assertThat(writes.get()).isPositive();
    assertThat(downs).isEmpty();
  }

  private DataPlatform open(PostgresServer server) {
    return DataPlatform.builder("busy")
        .store(
            AuroraStore.builder("orders")
                .url(server.url())
                .user(server.user())
                .password(server.password())
                .poolSize(POOL)
                .build())
        .log(directory)
        .logStorage(new SimulatedDisk())
        .listener(
            new PlatformListener() {
              @Override
              public void availability(String store, Availability from, Availability to) {
                if (to == Availability.DOWN) {
                  downs.add(from + " -> " + to);
                }
              }
            })
        .open();
  }

  private static void awaitUp(DataPlatform platform) {
    while (Objects.requireNonNull(platform.health().stores().get("orders")).availability()
        != Availability.UP) {
      Thread.onSpinWait();
    }
  }

  private List<Thread> clients(DataPlatform platform) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2 * POOL; i++) {
      int number = i;
      Thread thread = new Thread(() -> work(platform, number), "client-" + i);
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  /** What fails for want of a connection is part of an overload; being down is not. */
  private void work(DataPlatform platform, int number) {
    for (long id = number; !over; id += 1_000) {
      try (Connection connection = platform.getConnection("orders")) {
        if (number % 2 == 0) {
          read(connection);
        } else {
          write(connection, id);
        }
      } catch (SQLException e) {
        if (!"08001".equals(e.getSQLState())) {
          surprises.add(e);
          surprised.countDown();
        }
      }
    }
  }

  private void read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(WORK);
      answers.incrementAndGet();
    }
  }

  private void write(Connection connection, long id) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO items VALUES (?, ?)")) {
      insert.setLong(1, id);
      insert.setString(2, "busy");
      insert.executeUpdate();
      writes.incrementAndGet();
    }
  }
}
