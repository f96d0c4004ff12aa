package io.rananeeti.internal.jdbc;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.StatementReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges what a person puts in the place of a dead letter's operations. Stateless. */
public final class Corrections {

  private Corrections() {}

  /**
   * The operations to be applied: what was not touched as it was, the rest if it can wait in the
   * log and fits its text.
   *
   * @param reader of the store's texts; null where they are SQL as PostgreSQL has it
   * @throws IllegalArgumentException if not; says which operation, and why, without parameters
   */
  public static List<Operation> checked(
      TransactionId letter,
      List<Operation> accepted,
      List<Operation> corrected,
      @Nullable StatementReader reader) {
    if (corrected.equals(accepted)) {
      return accepted;
    }
    if (corrected.isEmpty()) {
      throw wrong(letter, 0, "no operation is left; discard the letter to give it up");
    }
    SqlScanner scanner = new SqlScanner(reader);
    List<Operation> checked = new ArrayList<>();
    for (int i = 0; i < corrected.size(); i++) {
      Operation operation = corrected.get(i);
      boolean untouched = accepted.contains(operation);
      checked.add(untouched ? operation : checked(letter, i + 1, accepted, operation, scanner));
    }
    return checked;
  }

  private static Operation checked(
      TransactionId letter,
      int number,
      List<Operation> accepted,
      Operation operation,
      SqlScanner scanner) {
    SqlVerdict verdict = scanner.scan(operation.sql());
    boolean isNew = accepted.stream().noneMatch(each -> each.sql().equals(operation.sql()));
    if (isNew && verdict.veto() != null) {
      throw wrong(letter, number, verdict.veto());
    }
    if (isNew && verdict.kind() != Kind.INSERT && verdict.kind() != Kind.COUNTED) {
      throw wrong(letter, number, "its text is no INSERT, UPDATE, DELETE or MERGE");
    }
    int wanted = operation.prepared() ? verdict.parameters() : 0;
    for (List<Parameter> row : operation.rows()) {
      if (row.size() != wanted) {
        throw wrong(
            letter,
            number,
            "its text has %d parameters, and %d are given".formatted(wanted, row.size()));
      }
    }
    return isNew && verdict.kind() == Kind.INSERT
        ? promising(operation, verdict.rows())
        : operation;
  }

  /** As an application would have been promised it. */
  private static Operation promising(Operation operation, long count) {
    return operation.withPromised(Collections.nCopies(operation.rows().size(), count));
  }

  private static IllegalArgumentException wrong(TransactionId letter, int number, String why) {
    return new IllegalArgumentException(
        "the correction of dead letter %s can't be taken, and the letter stays: %s%s"
            .formatted(letter, number == 0 ? "" : "operation " + number + ": ", why));
  }
}
