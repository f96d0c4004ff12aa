package io.rananeeti.aurora;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** Threads that insert one numbered row after the other, and note what they were told. */
final class Load implements AutoCloseable {

  /** So that what is accepted in an outage stays less than what can be applied after it. */
  private static final Duration PAUSE = Duration.ofMillis(40);

  private final DataSource dataSource;
  private final AtomicInteger numbers;
  private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<SQLException> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong longest = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  Load(DataSource dataSource, int threads) {
    this(dataSource, threads, new AtomicInteger());
  }

  /** With the numbers after those that another has used. */
  Load(DataSource dataSource, int threads, AtomicInteger numbers) {
    this.dataSource = dataSource;
    this.numbers = numbers;
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(this::write, "load-" + i);
      thread.start();
      this.threads.add(thread);
    }
  }

  private void write() {
    while (!over) {
      int number = numbers.incrementAndGet();
      long begun = System.nanoTime();
      try {
        insert(number);
        acknowledged.add(number);
      } catch (SQLException e) {
        failures.add(e);
      }
      longest.accumulateAndGet(System.nanoTime() - begun, Math::max);
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** By turns in auto-commit mode and as a transaction of two statements. */
  private void insert(int number) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      boolean single = number % 2 == 0;
      connection.setAutoCommit(single);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO items (id, name) VALUES (?, ?)")) {
        insert.setInt(1, number);
        insert.setString(2, "first");
        insert.executeUpdate();
      }
      if (!single) {
        connection.commit();
      }
    }
  }

  int count() {
    return acknowledged.size();
  }

  List<Integer> acknowledged() {
    return acknowledged.stream().sorted().toList();
  }

  List<SQLException> failures() {
    return List.copyOf(failures);
  }

  Duration longestStall() {
    return Duration.ofNanos(longest.get());
  }

  /** Lets the calls under way end. */
  @Override
  public void close() {
    over = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
