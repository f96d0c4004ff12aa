package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Does one transaction on a platform, and notes what it was told. Used by one thread. */
final class Caller {

  /** An expected version was not there any more. */
  static final String CONFLICT = "conflict";

  private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}:\\d+");

  private final String store;
  private final Work work;
  private final History history;
  private final List<String> complaints;
  private final Set<Habit> habits;
  private final Runnable thinking;
  private long committing = -1;
  private @Nullable List<String> read;
  private @Nullable Long number;
  private Receipt.@Nullable Status status;
  private String error = "";
  private @Nullable TransactionId id;
  private @Nullable Outcome early;
  private List<StoreOperation> enlisted = List.of();
  private @Nullable Receipt receipt;

  /**
   * A caller of one transaction.
   *
   * @param history where it is told the moments
   * @param complaints where it says that it has read what cannot be
   * @param thinking what it does between its last statement and its commit
   */
  Caller(
      String store,
      Work work,
      History history,
      List<String> complaints,
      Set<Habit> habits,
      Runnable thinking) {
    this.store = store;
    this.thinking = thinking;
    this.work = work;
    this.history = history;
    this.complaints = complaints;
    this.habits = habits;
  }

  /** It has these for other stores, too. */
  void enlists(List<StoreOperation> operations) {
    enlisted = operations;
  }

  /** Does it. */
  void call(DataPlatform platform) {
    try (PlatformConnection connection = platform.getConnection(store)) {
      connection.setAutoCommit(work.autoCommit());
      if (!work.key().isEmpty()) {
        connection.setClientInfo("rananeeti.ordering-key", work.key());
      }
      if (!work.deferrable()) {
        connection.setClientInfo("rananeeti.defer", "false");
      }
      if (work.isIntended(habits)) {
        connection.setClientInfo("rananeeti.intent-key", work.intentKey());
      }
      transaction(connection);
    } catch (SQLException e) {
      if (status == null) {
        told(e);
      }
    }
    if (id != null && habits.contains(Habit.ASKING)) {
      early = platform.outcome(id);
    }
  }

  private void transaction(PlatformConnection connection) throws SQLException {
    if (work.reads()) {
      read(connection);
    }
    if (habits.contains(Habit.IN_CONTEXT) && work.isInContext()) {
      enter(connection);
    }
    if (habits.contains(Habit.NOTIFYING) && work.kind() == Work.Kind.READ) {
      notify(connection);
    }
    if (habits.contains(Habit.NUMBERED) && work.isNumbered() && !work.isIntended(habits)) {
      takeNumber(connection);
    }
    List<StoreOperation> first = enlisted.subList(0, Math.min(1, enlisted.size()));
    enlist(connection, first);
    for (Work.Statement statement : work.statements()) {
      if (write(connection, statement) == 0) {
        error = CONFLICT;
        connection.rollback();
        return;
      }
    }
    enlist(connection, enlisted.subList(first.size(), enlisted.size()));
    if (!work.autoCommit()) {
      thinking.run();
      committing = history.tick();
      connection.commit();
    }
    receipt = connection.receipt();
    if (receipt != null) {
      status = receipt.status();
      id = receipt.id();
    }
  }

  private static void enlist(PlatformConnection connection, List<StoreOperation> operations)
      throws SQLException {
    for (StoreOperation operation : operations) {
      connection.enlist(operation);
    }
  }

  private void takeNumber(Connection connection) throws SQLException {
    long taken;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT nextval('" + Work.SEQUENCE + "')")) {
      row.next();
      taken = row.getLong(1);
    }
    number = taken;
    execute(connection, Work.Statement.of(Work.NUMBER, String.valueOf(taken), work.name()));
  }

  private void enter(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          work.isInContextByFunction()
              ? "SELECT set_config('%s', '%s', true)".formatted(Work.CONTEXT, work.context())
              : "SET LOCAL %s = %s".formatted(Work.CONTEXT, work.context()));
    }
  }

  private void notify(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("NOTIFY " + work.context());
    }
  }

  private long write(Connection connection, Work.Statement write) throws SQLException {
    return habits.contains(Habit.REWRITING) && work.rewrites() && write.sql().equals(Work.ADD)
        ? execute(connection, rewritten(connection, write))
        : execute(connection, write);
  }

  /** The same sum, of what is read and locked now. */
  private static Work.Statement rewritten(Connection connection, Work.Statement add)
      throws SQLException {
    Object account = add.arguments().get(1);
    try (PreparedStatement statement = connection.prepareStatement(Work.READ_LOCKED)) {
      statement.setString(1, String.valueOf(account));
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        long sum = Long.parseLong(rows.getString(1)) + (Long) add.arguments().get(0);
        return Work.Statement.of(Work.SET, String.valueOf(sum), account);
      }
    }
  }

  private static long execute(Connection connection, Work.Statement write) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(write.sql())) {
      for (int i = 0; i < write.arguments().size(); i++) {
        if (write.arguments().get(i) instanceof Long number) {
          statement.setLong(i + 1, number);
        } else {
          statement.setString(i + 1, String.valueOf(write.arguments().get(i)));
        }
      }
      return statement.executeUpdate();
    }
  }

  private void read(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT name, lane FROM events")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      long total = 0;
      try (ResultSet rows = statement.executeQuery("SELECT v FROM accounts")) {
        while (rows.next()) {
          total += Long.parseLong(rows.getString(1));
        }
      }
      if (total != Work.TOTAL && !Habit.doesAgain(habits)) {
        complaints.add("%s has read a total of %d".formatted(work.name(), total));
      }
    }
    read = names;
  }

  private void told(SQLException e) {
    error = String.valueOf(e.getSQLState());
    Matcher named = ID.matcher(String.valueOf(e.getMessage()));
    boolean maybeLetter = !enlisted.isEmpty() && error.startsWith("23");
    if ((error.equals("08007") || maybeLetter) && named.find()) {
      id = TransactionId.parse(named.group());
    }
  }

  /** Null if there was an error. */
  @Nullable Receipt receipt() {
    return receipt;
  }

  Receipt.@Nullable Status status() {
    return status;
  }

  String error() {
    return error;
  }

  /** When it asked to commit, if it came so far; negative if not. */
  long committing() {
    return committing;
  }

  /** What the platform said of it as soon as it was told; null if it was not asked. */
  @Nullable Outcome early() {
    return early;
  }

  /** What the sequence gave it; null if it did not ask. */
  @Nullable Long number() {
    return number;
  }

  @Nullable TransactionId id() {
    return id;
  }

  @Nullable List<String> read() {
    return read;
  }
}
