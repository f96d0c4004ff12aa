package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Runs recorded operations on a connection and compares their update counts with those promised. A
 * statement that returns rows is read to its end, and has no count.
 */
final class OperationRunner {

  private static final int FETCH_SIZE = 1_000;

  private final Connection connection;
  private final boolean batches;

  /**
   * On this connection.
   *
   * @param batches whether the rows of a batch may be sent together: not where the driver rewrites
   *     batches, because it then does not know the count of each row
   */
  OperationRunner(Connection connection, boolean batches) {
    this.connection = connection;
    this.batches = batches;
  }

  /**
   * Runs them in order.
   *
   * @throws StoreException {@link Refusal#BROKEN_PROMISE} at the first count that differs
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
      for (int row = 0; row < operation.rows().size(); row++) {
        compare(index, operation, row, drain(statement, statement.execute(operation.sql())));
      }
    }
  }

  private void runPrepared(int index, Operation operation) throws SQLException, StoreException {
    List<List<Parameter>> rows = operation.rows();
    try (PreparedStatement statement = connection.prepareStatement(operation.sql())) {
      if (batches && rows.size() > 1) {
        runBatch(statement, index, operation);
        return;
      }
      statement.setFetchSize(FETCH_SIZE);
      for (int row = 0; row < rows.size(); row++) {
        ParameterBinder.bind(statement, rows.get(row));
        compare(index, operation, row, drain(statement, statement.execute()));
      }
    }
  }

  private static void runBatch(PreparedStatement statement, int index, Operation operation)
      throws SQLException, StoreException {
    for (List<Parameter> row : operation.rows()) {
      ParameterBinder.bind(statement, row);
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
