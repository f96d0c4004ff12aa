package io.rananeeti.aurora;

import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs recorded operations on a connection and compares their update counts with those promised,
 * and their rows with those that the application was answered. A statement that returns rows is
 * read to its end, and has no count.
 */
final class OperationRunner {

  private static final int FETCH_SIZE = 1_000;

  private final Connection connection;
  private final boolean batches;
  private final Supplier<Spool> spool;

  /**
   * On this connection.
   *
   * @param batches whether the rows of a batch may be sent together: not where the driver rewrites
   *     batches, because it then does not know the count of each row
   * @param spool where content is that parameters name
   */
  OperationRunner(Connection connection, boolean batches, Supplier<Spool> spool) {
    this.connection = connection;
    this.batches = batches;
    this.spool = spool;
  }

  /**
   * Runs them in order.
   *
   * @throws StoreException {@link Refusal#BROKEN_PROMISE} at the first count or row that differs
   */
  void run(List<Operation> operations) throws SQLException, StoreException {
    for (int index = 0; index < operations.size(); index++) {
      Operation operation = operations.get(index);
      if (operation.prepared()) {
        runPrepared(index, operation);
      } else {
        runText(index, operation);
      }
    }
  }

  private void runText(int index, Operation operation) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(FETCH_SIZE);
      List<List<Parameter>> answered = new ArrayList<>();
      for (int row = 0; row < operation.rows().size(); row++) {
        boolean rows = statement.execute(operation.sql());
        collect(statement, rows, operation, answered);
        compare(index, operation, row, drain(statement, rows));
      }
      compare(index, operation, answered);
    }
  }

  private void runPrepared(int index, Operation operation) throws SQLException, StoreException {
    try (SpooledValues values = new SpooledValues(spool)) {
      try {
        runPrepared(index, operation, values);
      } catch (SQLException e) {
        values.refuseIfLost(index);
        throw e;
      }
    }
  }

  private void runPrepared(int index, Operation operation, SpooledValues values)
      throws SQLException, StoreException {
    List<List<Parameter>> rows = operation.rows();
    try (PreparedStatement statement = connection.prepareStatement(operation.sql())) {
      if (batches && rows.size() > 1 && operation.answered() == null && !hasContent(rows)) {
        runBatch(statement, index, operation, values);
        return;
      }
      statement.setFetchSize(FETCH_SIZE);
      List<List<Parameter>> answered = new ArrayList<>();
      for (int row = 0; row < rows.size(); row++) {
        ParameterBinder.bind(statement, rows.get(row), values);
        boolean found = statement.execute();
        collect(statement, found, operation, answered);
        compare(index, operation, row, drain(statement, found));
      }
      compare(index, operation, answered);
    }
  }

  /** One after the other then: a batch has the values of all rows at once. */
  private static boolean hasContent(List<List<Parameter>> rows) {
    return rows.stream()
        .flatMap(List::stream)
        .anyMatch(parameter -> parameter.value() instanceof Content);
  }

  /** What it answers, where that matters; of too much, no more than enough to see that it is. */
  private static void collect(
      Statement statement, boolean rows, Operation operation, List<List<Parameter>> answered)
      throws SQLException {
    List<List<Parameter>> promised = operation.answered();
    if (rows && promised != null) {
      answered.addAll(Answers.rest(statement.getResultSet(), promised.size()));
    }
  }

  private static void compare(int index, Operation operation, List<List<Parameter>> answered)
      throws StoreException {
    List<List<Parameter>> promised = operation.answered();
    if (promised != null && !Answers.same(promised, answered)) {
      throw new StoreException(
          Failure.REFUSED,
          Refusal.BROKEN_PROMISE,
          "statement %d: it answers other rows than the application was answered, %d then and %s"
              .formatted(index + 1, promised.size(), howMany(promised, answered)),
          null);
    }
  }

  private static String howMany(List<List<Parameter>> promised, List<List<Parameter>> answered) {
    return answered.size() > promised.size() ? "more now" : answered.size() + " now";
  }

  private static void runBatch(
      PreparedStatement statement, int index, Operation operation, SpooledValues values)
      throws SQLException, StoreException {
    for (List<Parameter> row : operation.rows()) {
      ParameterBinder.bind(statement, row, values);
      statement.addBatch();
    }
    long[] counts = statement.executeLargeBatch();
    for (int row = 0; row < counts.length; row++) {
      compare(index, operation, row, counts[row]);
    }
  }

  /** Reads all results; the count of the first, {@link Operation#ANY} if that was rows. */
  private static long drain(Statement statement, boolean rows) throws SQLException {
    long count = rows ? Operation.ANY : statement.getLargeUpdateCount();
    boolean more = rows;
    do {
      if (more) {
        read(statement);
      }
      more = statement.getMoreResults();
    } while (more || statement.getLargeUpdateCount() != -1);
    return count;
  }

  @SuppressWarnings("StatementWithEmptyBody")
  private static void read(Statement statement) throws SQLException {
    try (ResultSet result = statement.getResultSet()) {
      while (result.next()) {}
    }
  }

  private static void compare(int index, Operation operation, int row, long count)
      throws StoreException {
    long promised = operation.promised().get(row);
    if (promised == Operation.ANY || count == Operation.ANY || promised == count) {
      return;
    }
    String place = operation.rows().size() > 1 ? ", row %d".formatted(row + 1) : "";
    throw new StoreException(
        Failure.REFUSED,
        Refusal.BROKEN_PROMISE,
        "statement %d%s: promised %d, was %d".formatted(index + 1, place, promised, count),
        null);
  }
}
