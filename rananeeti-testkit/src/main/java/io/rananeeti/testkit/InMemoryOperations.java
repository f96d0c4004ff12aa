package io.rananeeti.testkit;

import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs recorded operations on a session, and compares their counts with those promised, and their
 * rows with those that were answered.
 */
final class InMemoryOperations {

  private InMemoryOperations() {}

  /** The same, of operations that may name content. */
  static void run(InMemorySession session, List<Operation> operations, StoreHost host)
      throws StoreException {
    List<Operation> whole = new ArrayList<>(operations);
    try {
      for (int i = 0; i < operations.size(); i++) {
        List<List<Parameter>> rows = operations.get(i).rows();
        for (int row = 0; row < rows.size(); row++) {
          for (int index = 0; index < rows.get(row).size(); index++) {
            Parameter parameter = rows.get(row).get(index);
            if (parameter.value() instanceof Content) {
              whole.set(i, whole.get(i).with(row, index + 1, host.spool().whole(parameter)));
            }
          }
        }
      }
    } catch (IOException e) {
      throw new StoreException(Failure.REFUSED, "55R17", String.valueOf(e.getMessage()), e);
    }
    run(session, whole);
  }

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
    List<List<String>> answered = new ArrayList<>();
    for (int row = 0; row < operation.rows().size(); row++) {
      List<String> parameters =
          operation.rows().get(row).stream().map(InMemoryOperations::text).toList();
      InMemoryAnswer answer = session.execute(sql, parameters);
      long count = answer.count();
      answered.addAll(Objects.requireNonNullElse(answer.rows(), List.of()));
      long promised = operation.promised().get(row);
      if (promised != Operation.ANY && count >= 0 && count != promised) {
        throw new StoreException(
            Failure.REFUSED,
            Refusal.BROKEN_PROMISE,
            "promised %d, was %d".formatted(promised, count),
            null);
      }
    }
    compare(operation.answered(), answered);
  }

  private static void compare(@Nullable List<List<Parameter>> promised, List<List<String>> answered)
      throws StoreException {
    if (promised == null) {
      return;
    }
    List<List<String>> texts =
        promised.stream().map(row -> row.stream().map(InMemoryOperations::text).toList()).toList();
    if (!texts.equals(answered)) {
      throw new StoreException(
          Failure.REFUSED,
          Refusal.BROKEN_PROMISE,
          "it answers other rows than the application was answered",
          null);
    }
  }

  private static String text(Parameter parameter) {
    return String.valueOf(parameter.value());
  }
}
