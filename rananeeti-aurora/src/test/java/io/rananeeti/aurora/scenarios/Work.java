package io.rananeeti.aurora.scenarios;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The transactions of the application, with ids of its own. */
enum Work {
  /** One insert in auto-commit mode. */
  ROW(30),
  /** A transaction of two inserts. */
  PAIR(25),
  /** An update, with an insert, of a trail that only this thread writes on; its ordering key. */
  OWN_TRAIL(20),
  /** The same of one on which all threads write. */
  SHARED_TRAIL(8),
  /** The same without an ordering key. */
  TRAIL_WITHOUT_KEY(5),
  /** A query. */
  LOOK(6),
  /** Reads a trail of its own, and writes on it: can't be deferred. */
  READ_AND_WRITE(6);

  private static final String INSERT = "INSERT INTO orders (token, part) VALUES (?, ?)";
  private static final String APPEND = "UPDATE trails SET trail = trail || ? WHERE name = ?";
  private static final int TRAILS = 4;

  private final int share;

  Work(int share) {
    this.share = share;
  }

  static Work draw(SplittableRandom random) {
    int drawn = random.nextInt(100);
    for (Work each : values()) {
      drawn -= each.share;
      if (drawn < 0) {
        return each;
      }
    }
    throw new IllegalStateException("the shares make no hundred");
  }

  /** Whether it goes on without a database, so that no error may ever be seen. */
  boolean mayBeDeferred() {
    return this != LOOK && this != READ_AND_WRITE;
  }

  /** How many rows of its token are in the database afterwards. */
  int rows() {
    return switch (this) {
      case ROW, OWN_TRAIL, SHARED_TRAIL, TRAIL_WITHOUT_KEY, READ_AND_WRITE -> 1;
      case PAIR -> 2;
      case LOOK -> 0;
    };
  }

  boolean autoCommits() {
    return this == ROW || this == LOOK;
  }

  /** The trail that it writes on. */
  @Nullable String trail(int thread, SplittableRandom random) {
    return switch (this) {
      case OWN_TRAIL, READ_AND_WRITE -> "own-" + thread;
      case SHARED_TRAIL -> "shared-" + random.nextInt(TRAILS);
      case TRAIL_WITHOUT_KEY -> "unkeyed";
      case ROW, PAIR, LOOK -> null;
    };
  }

  /** Tables without a constraint that would hide what is there twice. */
  static String[] tables(int threads) {
    return new String[] {
      "DROP TABLE IF EXISTS orders, trails",
      "CREATE TABLE orders (token text NOT NULL, part int NOT NULL)",
      "CREATE TABLE trails (name text PRIMARY KEY, trail text NOT NULL)",
      "INSERT INTO trails SELECT 'own-' || n, '' FROM generate_series(0, %d) n"
          .formatted(threads - 1),
      "INSERT INTO trails SELECT 'shared-' || n, '' FROM generate_series(0, %d) n"
          .formatted(TRAILS - 1),
      "INSERT INTO trails VALUES ('unkeyed', '')",
    };
  }

  /** All but the commit. */
  void run(Connection connection, String token, @Nullable String trail) throws SQLException {
    switch (this) {
      case ROW -> insert(connection, token, 0);
      case PAIR -> {
        insert(connection, token, 0);
        insert(connection, token, 1);
      }
      case OWN_TRAIL, SHARED_TRAIL -> {
        connection.setClientInfo("rananeeti.ordering-key", trail);
        append(connection, token, trail);
      }
      case TRAIL_WITHOUT_KEY -> append(connection, token, trail);
      case LOOK -> look(connection, "SELECT count(*) FROM trails WHERE name = ?", "unkeyed");
      case READ_AND_WRITE -> {
        connection.setClientInfo("rananeeti.ordering-key", trail);
        look(connection, "SELECT trail FROM trails WHERE name = ? FOR UPDATE", trail);
        append(connection, token, trail);
      }
    }
  }

  private static void insert(Connection connection, String token, int part) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, token);
      statement.setInt(2, part);
      expectOne(statement);
    }
  }

  private static void append(Connection connection, String token, @Nullable String trail)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
      statement.setString(1, token + " ");
      statement.setString(2, trail);
      expectOne(statement);
    }
    insert(connection, token, 0);
  }

  private static void expectOne(PreparedStatement statement) throws SQLException {
    int count = statement.executeUpdate();
    if (count != 1) {
      throw new SQLException("answered " + count + " instead of 1", "wrong count");
    }
  }

  private static void look(Connection connection, String query, @Nullable String trail)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, trail);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("no row of " + trail, "no row");
        }
      }
    }
  }
}
