package io.rananeeti.testkit;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.util.List;

/** Runs recorded operations on a session, and compares their counts with those promised. */
final class InMemoryOperations {

  private InMemoryOperations() {}

  static void run(InMemorySession session, List<Operation> operations) throws StoreException {
    try {
      for (Operation operation : operations) {
        run(session, operation);
      }
    } catch (SQLException e) {
      throw InMemoryErrors.exception(e, InMemoryErrors.classify(e));
    }
  }

  private static void run(InMemorySession session, Operation operation)
      throws SQLException, StoreException {
    InMemorySql sql = InMemorySql.parse(operation.sql());
    for (int row = 0; row < operation.rows().size(); row++) {
      List<String> parameters =
          operation.rows().get(row).stream().map(InMemoryOperations::text).toList();
      long count = session.execute(sql, parameters).count();
      long promised = operation.promised().get(row);
      if (promised != Operation.ANY && count >= 0 && count != promised) {
        throw new StoreException(
            Failure.REFUSED,
            Refusal.BROKEN_PROMISE,
            "promised %d, was %d".formatted(promised, count),
            null);
      }
    }
  }

  private static String text(Parameter parameter) {
    return String.valueOf(parameter.value());
  }
}
