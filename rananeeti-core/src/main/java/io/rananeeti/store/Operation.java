package io.rananeeti.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One statement of a transaction, with the parameters it was given and the result it was promised.
 *
 * @param sql the application's text, untouched
 * @param prepared whether it is run as a prepared statement, where {@code ?} are parameters
 * @param rows the parameters of each execution: one row, several for a batch, one empty row for a
 *     text without parameters
 * @param promised the update count promised to the application for each row; {@link #ANY} where
 *     none was
 * @param answered the rows that the application was answered, generated keys for instance, of all
 *     executions one after the other: it may be applied only if it answers them again. Null where
 *     it was answered none, or none that matter
 */
public record Operation(
    String sql,
    boolean prepared,
    List<List<Parameter>> rows,
    List<Long> promised,
    @Nullable List<List<Parameter>> answered) {

  /** Stands for "no promise was given". */
  public static final long ANY = -2;

  /** Copies the lists. */
  public Operation {
    rows = copyOf(rows);
    promised = List.copyOf(promised);
    answered = answered == null ? null : copyOf(answered);
    if (rows.isEmpty() || rows.size() != promised.size()) {
      throw new IllegalArgumentException(
          "an operation has a promise for each row, rows=%d promised=%d"
              .formatted(rows.size(), promised.size()));
    }
  }

  /** One that has answered no rows that matter. */
  public Operation(String sql, boolean prepared, List<List<Parameter>> rows, List<Long> promised) {
    this(sql, prepared, rows, promised, null);
  }

  /**
   * The same with another value of one parameter; for corrections of dead letters.
   *
   * @param row from 0; always 0 but in a batch
   * @param index from 1, as in JDBC
   */
  public Operation with(int row, int index, Parameter value) {
    List<List<Parameter>> changed = new ArrayList<>(rows);
    List<Parameter> values = new ArrayList<>(rows.get(row));
    values.set(index - 1, value);
    changed.set(row, values);
    return new Operation(sql, prepared, changed, promised, answered);
  }

  /** The same with another text, which takes the same parameters. */
  public Operation withSql(String text) {
    return new Operation(text, prepared, rows, promised, answered);
  }

  /** The same with other promises, one for each row. */
  public Operation withPromised(List<Long> counts) {
    return new Operation(sql, prepared, rows, counts, answered);
  }

  /** The same without any promise: whatever the store answers is right. */
  public Operation unpromised() {
    return new Operation(sql, prepared, rows, Collections.nCopies(rows.size(), ANY));
  }

  /** The same, to answer these rows again. */
  public Operation answering(List<List<Parameter>> seen) {
    return new Operation(sql, prepared, rows, promised, Objects.requireNonNull(seen));
  }

  private static List<List<Parameter>> copyOf(List<List<Parameter>> rows) {
    List<List<Parameter>> copies = new ArrayList<>(rows.size());
    for (List<Parameter> row : rows) {
      copies.add(List.copyOf(row));
    }
    return Collections.unmodifiableList(copies);
  }
}
