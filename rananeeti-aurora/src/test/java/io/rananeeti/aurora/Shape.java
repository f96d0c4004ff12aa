package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction of an application may look like. Each writes under a tag of its own, which its
 * first statement carries: into {@code marks}, where nothing keeps a row from coming twice, {@code
 * items}, whose key keeps a second one waiting for the first, and {@code numbered}, which makes
 * keys.
 */
enum Shape {
  AUTO_COMMIT(1) {
    @Override
    void run(Work work) throws SQLException {
      work.mark(1, "alone");
    }
  },
  AUTO_COMMIT_BATCH(3) {
    @Override
    void run(Work work) throws SQLException {
      work.batch("marks", 3);
    }
  },
  AUTO_COMMIT_TEXTS(2) {
    @Override
    void run(Work work) throws SQLException {
      work.texts();
    }
  },
  AUTO_COMMIT_KEYS(1) {
    @Override
    void run(Work work) throws SQLException {
      work.keys(2);
    }
  },
  AUTO_COMMIT_RETURNING(1) {
    @Override
    void run(Work work) throws SQLException {
      work.returning(1);
    }
  },
  WRITES(4) {
    @Override
    void run(Work work) throws SQLException {
      work.mark(1, "first");
      work.item(1, "as it was");
      work.change(1, "as it is");
      work.mark(2, "last");
    }
  },
  SAVEPOINTS(7) {
    @Override
    void run(Work work) throws SQLException {
      work.mark(1, "before");
      Savepoint kept = work.connection.setSavepoint("kept");
      work.item(1, "kept");
      Savepoint undone = work.connection.setSavepoint();
      work.undone(() -> work.item(2, "undone"));
      work.connection.rollback(undone);
      work.item(3, "after");
      work.connection.releaseSavepoint(kept);
    }
  },
  FAILED_STATEMENT(5) {
    @Override
    void run(Work work) throws SQLException {
      work.mark(1, "before");
      Savepoint before = work.autosaved ? null : work.connection.setSavepoint();
      work.undone(work::failing);
      if (before != null) {
        work.connection.rollback(before);
      }
      work.item(1, "after");
    }
  },
  BATCHES(5) {
    @Override
    void run(Work work) throws SQLException {
      work.batch("items", 4);
      work.mark(1, "after");
    }
  },
  TEXTS(3) {
    @Override
    void run(Work work) throws SQLException {
      work.texts();
      work.item(7, "after");
    }
  },
  KEYS(3) {
    @Override
    void run(Work work) throws SQLException {
      work.item(1, "of key " + work.keys(1).get(0));
    }
  },
  RETURNING(3) {
    @Override
    void run(Work work) throws SQLException {
      work.item(1, "of key " + work.returning(1));
      work.mark(1, "last");
    }
  },
  READ_FIRST(4) {
    @Override
    void run(Work work) throws SQLException {
      work.seesNothing();
      work.item(1, "first");
      work.mark(1, "last");
    }
  },
  COMMIT_AS_TEXT(4) {
    @Override
    void run(Work work) throws SQLException {
      work.mark(1, "first");
      work.item(1, "last");
      work.text("COMMIT");
    }
  };

  /** About how many statements it runs. */
  final int statements;

  Shape(int statements) {
    this.statements = statements;
  }

  /** Runs its statements, and COMMIT only where that is one of them. */
  abstract void run(Work work) throws SQLException;

  boolean autoCommits() {
    return name().startsWith("AUTO_COMMIT");
  }

  /** One attempt: what was run, and what its tag must hold if it is committed. */
  static final class Work {

    final Connection connection;
    final boolean autosaved;
    private final String tag;
    private List<String> rows = new ArrayList<>();

    /**
     * An attempt.
     *
     * @param autosaved whether the driver goes back to a savepoint by itself when a statement fails
     */
    Work(Connection connection, String tag, boolean autosaved) {
      this.connection = connection;
      this.tag = tag;
      this.autosaved = autosaved;
    }

    /** What the tag must hold. */
    List<String> rows() {
      return rows.stream().sorted().toList();
    }

    /** Part of a transaction. */
    interface Step {
      void run() throws SQLException;
    }

    void undone(Step step) throws SQLException {
      List<String> before = new ArrayList<>(rows);
      step.run();
      rows = before;
    }

    void mark(int n, String note) throws SQLException {
      insert("marks", n, note);
    }

    void item(int n, String note) throws SQLException {
      insert("items", n, note);
    }

    private void insert(String table, int n, String note) throws SQLException {
      try (PreparedStatement statement = insertion(table)) {
        set(statement, n, note);
        assertThat(statement.executeUpdate()).isEqualTo(1);
      }
      rows.add("%s %d %s".formatted(table, n, note));
    }

    private PreparedStatement insertion(String table) throws SQLException {
      return connection.prepareStatement(
          "INSERT INTO %s (tag, n, note) VALUES (?, ?, ?)".formatted(table));
    }

    private void set(PreparedStatement statement, int n, @Nullable String note)
        throws SQLException {
      statement.setString(1, tag);
      statement.setInt(2, n);
      statement.setString(3, note);
    }

    void change(int n, String note) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("UPDATE items SET note = ? WHERE tag = ? AND n = ?")) {
        statement.setString(1, note);
        statement.setString(2, tag);
        statement.setInt(3, n);
        assertThat(statement.executeUpdate()).isEqualTo(1);
      }
      rows.removeIf(row -> row.startsWith("items " + n + " "));
      rows.add("items %d %s".formatted(n, note));
    }

    void batch(String table, int size) throws SQLException {
      try (PreparedStatement statement = insertion(table)) {
        for (int n = 1; n <= size; n++) {
          set(statement, n, "of a batch");
          statement.addBatch();
          rows.add("%s %d of a batch".formatted(table, n));
        }
        assertThat(statement.executeBatch()).hasSize(size).containsOnly(1);
      }
    }

    void texts() throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.addBatch(
            "INSERT INTO marks VALUES ('%1$s', 1, 'a'), ('%1$s', 2, 'b')".formatted(tag));
        statement.addBatch("UPDATE marks SET note = 'c' WHERE tag = '%s' AND n = 2".formatted(tag));
        assertThat(statement.executeBatch()).containsExactly(2, 1);
      }
      rows.add("marks 1 a");
      rows.add("marks 2 c");
    }

    /** Returns the keys that the application is told. */
    List<Long> keys(int count) throws SQLException {
      List<Long> keys = new ArrayList<>();
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO numbered (tag, n) SELECT ?, n FROM generate_series(1, ?) n",
              Statement.RETURN_GENERATED_KEYS)) {
        statement.setString(1, tag);
        statement.setInt(2, count);
        assertThat(statement.executeUpdate()).isEqualTo(count);
        try (ResultSet made = statement.getGeneratedKeys()) {
          while (made.next()) {
            keys.add(made.getLong("id"));
            rows.add("numbered %d %d".formatted(made.getInt("n"), made.getLong("id")));
          }
        }
      }
      assertThat(keys).hasSize(count);
      return keys;
    }

    long returning(int n) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("INSERT INTO numbered (tag, n) VALUES (?, ?) RETURNING id")) {
        statement.setString(1, tag);
        statement.setInt(2, n);
        try (ResultSet made = statement.executeQuery()) {
          assertThat(made.next()).isTrue();
          rows.add("numbered %d %d".formatted(n, made.getLong(1)));
          return made.getLong(1);
        }
      }
    }

    /** An attempt that was told 40001 is gone for ever, and its rows with it. */
    void seesNothing() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT count(*) FROM items WHERE tag = ?")) {
        statement.setString(1, tag);
        try (ResultSet row = statement.executeQuery()) {
          assertThat(row.next()).isTrue();
          assertThat(row.getInt(1)).isZero();
        }
      }
    }

    /** The database refuses it; while there is none, it is promised. */
    void failing() throws SQLException {
      try (PreparedStatement statement = insertion("items")) {
        set(statement, 9, null);
        statement.executeUpdate();
      } catch (SQLException e) {
        if (!"23502".equals(e.getSQLState())) {
          throw e;
        }
      }
    }

    void text(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
  }
}
