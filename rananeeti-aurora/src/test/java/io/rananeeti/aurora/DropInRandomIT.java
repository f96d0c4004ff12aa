package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random sequences of calls, made on a connection of the plain driver and on ours: the same
 * answers, and the same rows at the end. {@code verify} runs the same sequences each time, {@code
 * -Pfull} others; with {@code -Drananeeti.seed} a failure is run again.
 */
@SuppressWarnings("NullAway") // what is not there is noted as null
class DropInRandomIT extends DropInFixture {

  private static final int SEQUENCES = Boolean.getBoolean("rananeeti.test.full") ? 300 : 150;
  private static final int BROKEN_SEQUENCES = 60;
  private static final int CALLS = 25;

  static LongStream seeds() {
    Long given = Long.getLong("rananeeti.seed");
    if (given != null) {
      return LongStream.of(given);
    }
    return Boolean.getBoolean("rananeeti.test.full")
        ? new SplittableRandom().longs(20, 0, 1_000_000_000)
        : LongStream.of(854_352);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void randomSequencesOfCallsAnswerAsTheDriverDoes(long first) throws Exception {
    System.err.println("seed " + first);
    for (long seed = first; seed < first + SEQUENCES; seed++) {
      List<String> plain;
      try (Connection connection = server.connect()) {
        plain = new Sequence(connection, seed).run();
      }
      plain.addAll(items());
      empty();
      List<String> ours;
      try (Connection connection = dataSource.getConnection()) {
        ours = new Sequence(connection, seed).run();
      }
      ours.addAll(items());
      empty();

      assertThat(ours).as("seed " + seed).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void brokenConnectionsAreNotNoticedByWriters(long seed) throws Exception {
    System.err.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < BROKEN_SEQUENCES; i++) {
      long each = random.nextLong();
      List<String> plain;
      try (Connection connection = server.connect()) {
        plain = new Writer(connection, each, () -> {}).run();
      }
      plain.addAll(items());
      empty();
      Random breaks = new Random(each + 1);
      List<String> ours;
      try (Connection connection = dataSource.getConnection()) {
        ours = new Writer(connection, each, () -> breakSometimes(breaks)).run();
      }
      assertThat(platform.drain(STALL)).isTrue();
      ours.addAll(items());
      empty();

      assertThat(ours).as("seed " + seed + ", sequence " + i).isEqualTo(plain);
    }
    assertThat(proxy.accepted()).as("connections that it took").isGreaterThan(50);
  }

  private void breakSometimes(Random random) {
    if (random.nextInt(6) == 0) {
      proxy.reset();
    }
  }

  private static void empty() throws SQLException {
    server.execute("TRUNCATE items");
  }

  /** Calls of all kinds, drawn from a seed. */
  private static class Sequence {

    final Connection connection;
    final Random random;
    final List<String> answers = new ArrayList<>();
    final List<Statement> statements = new ArrayList<>();
    final List<ResultSet> results = new ArrayList<>();
    final List<Savepoint> savepoints = new ArrayList<>();
    boolean failed;

    Sequence(Connection connection, long seed) {
      this.connection = connection;
      this.random = new Random(seed);
    }

    List<String> run() throws SQLException {
      for (int i = 0; i < 2; i++) {
        statements.add(connection.createStatement());
        statements.add(connection.prepareStatement(INSERT));
        statements.add(
            connection.prepareStatement("SELECT id FROM items WHERE id < ? ORDER BY id"));
      }
      for (int i = 0; i < CALLS; i++) {
        int kind = random.nextInt(kinds());
        try {
          answers.add(kind + ": " + call(kind));
        } catch (BatchUpdateException e) {
          answers.add(kind + ": " + e.getSQLState() + Arrays.toString(e.getUpdateCounts()));
          failed |= !connection.getAutoCommit();
        } catch (SQLException e) {
          answers.add(kind + ": " + e.getSQLState());
          failed |= !connection.getAutoCommit();
        }
      }
      return answers;
    }

    int kinds() {
      return 20;
    }

    Object call(int kind) throws SQLException {
      Statement statement = statements.get(random.nextInt(statements.size()));
      boolean prepared = statement instanceof PreparedStatement;
      return switch (kind) {
        case 0, 1, 2 -> insertOne();
        case 3 -> batch();
        case 4 -> query();
        case 5 -> next();
        case 6 -> statement.getUpdateCount();
        case 7 -> statement.getMoreResults() + " " + statement.getUpdateCount();
        case 8 -> end();
        case 9 -> switchMode();
        case 10 -> savepoint();
        case 11 -> rollbackTo();
        case 12 -> prepared ? "-" : statement.execute(text()) + " " + statement.getUpdateCount();
        case 13 -> prepared ? "-" : statement.executeUpdate(text());
        case 14 -> setting();
        case 15 -> read(connection, "SHOW work_mem");
        case 16 -> release();
        case 17 -> textBatch();
        case 18 -> connection.getAutoCommit() + " " + connection.isReadOnly();
        default -> read(connection, "SELECT count(*) FROM items");
      };
    }

    private PreparedStatement prepared(int which) {
      return (PreparedStatement) statements.get(which + 3 * random.nextInt(2));
    }

    private Object insertOne() throws SQLException {
      PreparedStatement statement = prepared(1);
      statement.setInt(1, random.nextInt(30));
      statement.setString(2, "n" + random.nextInt(5));
      return random.nextBoolean()
          ? statement.executeUpdate()
          : statement.execute() + " " + statement.getUpdateCount();
    }

    private Object batch() throws SQLException {
      PreparedStatement statement = prepared(1);
      for (int i = random.nextInt(4); i >= 0; i--) {
        statement.setInt(1, random.nextInt(60));
        statement.setString(2, "b");
        statement.addBatch();
      }
      return Arrays.toString(statement.executeBatch());
    }

    private Object textBatch() throws SQLException {
      Statement statement = statements.get(0);
      for (int i = random.nextInt(3); i >= 0; i--) {
        statement.addBatch(text());
      }
      return Arrays.toString(statement.executeBatch());
    }

    private String text() {
      int id = random.nextInt(30);
      return switch (random.nextInt(5)) {
        case 0 -> "UPDATE items SET name = 'u' WHERE id < " + id;
        case 1 -> "DELETE FROM items WHERE id = " + id;
        case 2 -> "INSERT INTO items VALUES (%d, 't'), (%d, 't')".formatted(id, id + 100);
        case 3 -> "INSERT INTO items VALUES (%d, 'c') ON CONFLICT DO NOTHING".formatted(id);
        default -> "UPDATE items SET name = name || 'x'";
      };
    }

    private Object query() throws SQLException {
      PreparedStatement statement = prepared(2);
      statement.setInt(1, random.nextInt(30));
      results.add(statement.executeQuery());
      return "rows";
    }

    private Object next() throws SQLException {
      if (results.isEmpty()) {
        return "-";
      }
      ResultSet rows = results.get(random.nextInt(results.size()));
      return rows.isClosed() ? "closed" : rows.next() ? rows.getInt(1) : "end";
    }

    /** A failed transaction is rolled back: what its commit says is told apart elsewhere. */
    Object end() throws SQLException {
      savepoints.clear();
      boolean byText = random.nextInt(3) == 0;
      boolean commits = random.nextBoolean() && !failed;
      failed = false;
      if (byText) {
        DropInFixture.run(connection, commits ? "COMMIT" : "ROLLBACK");
      } else if (commits) {
        connection.commit();
      } else {
        connection.rollback();
      }
      return commits;
    }

    private Object switchMode() throws SQLException {
      if (failed) {
        return end();
      }
      savepoints.clear();
      connection.setAutoCommit(!connection.getAutoCommit());
      return connection.getAutoCommit();
    }

    Object savepoint() throws SQLException {
      savepoints.add(
          random.nextBoolean()
              ? connection.setSavepoint()
              : connection.setSavepoint("s" + random.nextInt(3)));
      return "set";
    }

    Object rollbackTo() throws SQLException {
      if (savepoints.isEmpty()) {
        return "-";
      }
      connection.rollback(savepoints.get(random.nextInt(savepoints.size())));
      failed = false;
      return "back";
    }

    Object release() throws SQLException {
      if (savepoints.isEmpty()) {
        return "-";
      }
      connection.releaseSavepoint(savepoints.remove(random.nextInt(savepoints.size())));
      return "released";
    }

    private Object setting() throws SQLException {
      String local = random.nextBoolean() && !connection.getAutoCommit() ? "LOCAL " : "";
      return DropInFixture.run(
          connection, "SET %swork_mem = '%dMB'".formatted(local, 1 + random.nextInt(9)));
    }
  }

  /** Only what may be run again, while connections break between the calls. */
  private static final class Writer extends Sequence {

    private final Runnable between;

    Writer(Connection connection, long seed, Runnable between) {
      super(connection, seed);
      this.between = between;
    }

    @Override
    Object call(int kind) throws SQLException {
      if (!failed) {
        between.run();
      }
      return switch (kind) {
        case 4, 5, 7, 15, 19 -> super.call(random.nextInt(4));
        case 14 -> "-";
        default -> super.call(kind);
      };
    }
  }
}
