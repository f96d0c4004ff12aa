package io.rananeeti.testkit;

import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Waiter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An application that writes one transaction after the other, and remembers what it was told. */
final class RandomApplication {

  /**
   * What one transaction was told.
   *
   * @param name of its rows, unique
   * @param number grows within the application
   * @param key its ordering key, empty for none
   * @param receipt null if there was an error
   * @param error SQLSTATE; empty if there was none; {@code died} if the process died meanwhile
   * @param id as the receipt or an 08007 says; null if neither
   */
  record Told(
      String name,
      int number,
      String key,
      boolean poison,
      Receipt.@Nullable Status receipt,
      String error,
      @Nullable TransactionId id) {}

  /** What an outcome was in the end. */
  record Answer(Told told, Outcome outcome) {}

  private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}:\\d+");
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(80);

  private final RandomRun run;
  private final int index;
  private final int transactions;
  private final Random random;
  private final Waiter pause;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final List<Answer> answers = new CopyOnWriteArrayList<>();
  private volatile boolean over;

  RandomApplication(RandomRun run, int index, int transactions, long seed) {
    this.run = run;
    this.index = index;
    this.transactions = transactions;
    this.random = new Random(seed);
    this.pause = run.seams().newWaiter();
  }

  List<Told> told() {
    return told;
  }

  List<Answer> answers() {
    return answers;
  }

  boolean over() {
    return over;
  }

  /** The thread. */
  void run() {
    try {
      for (int number = 0; number < transactions; number++) {
        rest();
        Told now = transaction(number);
        run.tell("    " + now);
        told.add(now);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts an application", e);
    } finally {
      over = true;
    }
  }

  /** Asks for the outcome of everything that it has an id of; whether nothing is in doubt. */
  boolean ask(DataPlatform platform) {
    answers.clear();
    for (Told each : told) {
      if (each.id() != null) {
        answers.add(new Answer(each, platform.outcome(each.id())));
      }
    }
    return answers.stream().noneMatch(answer -> answer.outcome() == Outcome.IN_DOUBT);
  }

  private void rest() throws InterruptedException {
    long until =
        Deadline.after(run.seams(), Duration.ofMillis(random.nextLong(LONGEST_PAUSE.toMillis())));
    pause.lock();
    try {
      pause.await(() -> false, until);
    } finally {
      pause.unlock();
    }
  }

  private Told transaction(int number) {
    String name = "%d-%02d".formatted(index, number);
    String key =
        switch (random.nextInt(4)) {
          case 0 -> "shared";
          case 1 -> "own-" + index;
          default -> "";
        };
    boolean poison = random.nextInt(10) == 0;
    int process = run.process();
    try (PlatformConnection connection = run.platform().getConnection(ManualPlatform.STORE)) {
      write(connection, name, key, poison);
      Receipt receipt = Objects.requireNonNull(connection.receipt());
      return new Told(name, number, key, poison, receipt.status(), "", receipt.id());
    } catch (SQLException e) {
      boolean died = process < 0 || run.process() != process;
      String state = died ? "died" : String.valueOf(e.getSQLState());
      Matcher id = ID.matcher(String.valueOf(e.getMessage()));
      boolean named = !died && state.equals("08007") && id.find();
      return new Told(
          name, number, key, poison, null, state, named ? TransactionId.parse(id.group()) : null);
    }
  }

  private void write(PlatformConnection connection, String name, String key, boolean poison)
      throws SQLException {
    boolean autoCommit = random.nextInt(6) == 0;
    connection.setAutoCommit(autoCommit);
    if (!key.isEmpty()) {
      connection.setClientInfo("rananeeti.ordering-key", key);
    }
    if (random.nextInt(8) == 0) {
      connection.setClientInfo("rananeeti.defer", "false");
    }
    if (!autoCommit && random.nextInt(6) == 0) {
      read(connection);
    }
    String item = poison ? RandomRun.POISON : "tea";
    insert(connection, "INSERT INTO events VALUES (?, ?, ?)", name, key, item);
    if (!autoCommit) {
      insert(connection, "INSERT INTO orders VALUES (?, ?)", name, "tea");
      connection.commit();
    }
  }

  private static void insert(Connection connection, String sql, String... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private static void read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT v FROM orders")) {
      rows.next();
    }
  }
}
