package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
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
  private final List<String> complaints;
  private final Runnable thinking;
  private final LongSupplier moments;
  private long committing = -1;
  private @Nullable List<String> read;
  private Receipt.@Nullable Status status;
  private String error = "";
  private @Nullable TransactionId id;

  /**
   * A caller of one transaction.
   *
   * @param thinking what it does between its last statement and its commit
   */
  Caller(
      String store, Work work, List<String> complaints, Runnable thinking, LongSupplier moments) {
    this.store = store;
    this.thinking = thinking;
    this.moments = moments;
    this.work = work;
    this.complaints = complaints;
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
      transaction(connection);
    } catch (SQLException e) {
      if (status == null) {
        told(e);
      }
    }
  }

  private void transaction(PlatformConnection connection) throws SQLException {
    if (work.reads()) {
      read(connection);
    }
    for (Work.Statement statement : work.statements()) {
      if (write(connection, statement) == 0) {
        error = CONFLICT;
        connection.rollback();
        return;
      }
    }
    if (!work.autoCommit()) {
      thinking.run();
      committing = moments.getAsLong();
      connection.commit();
    }
    Receipt receipt = connection.receipt();
    if (receipt != null) {
      status = receipt.status();
      id = receipt.id();
    }
  }

  private static long write(Connection connection, Work.Statement write) throws SQLException {
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
      if (total != Work.TOTAL) {
        complaints.add("%s has read a total of %d".formatted(work.name(), total));
      }
    }
    read = names;
  }

  private void told(SQLException e) {
    error = String.valueOf(e.getSQLState());
    Matcher named = ID.matcher(String.valueOf(e.getMessage()));
    if (error.equals("08007") && named.find()) {
      id = TransactionId.parse(named.group());
    }
  }

  /** When it asked to commit, if it came so far; negative if not. */
  long committing() {
    return committing;
  }

  Receipt.@Nullable Status status() {
    return status;
  }

  String error() {
    return error;
  }

  @Nullable TransactionId id() {
    return id;
  }

  @Nullable List<String> read() {
    return read;
  }
}
