package io.rananeeti.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a statement has answered to the application, in a form that can be kept.
 *
 * @param columns their labels
 * @param rows the values, each as a parameter by which the store takes it as the value of that
 *     column; the same value is the same parameter whenever it is answered
 * @param trouble why they can't be kept, then there are neither columns nor rows; null if they can
 */
public record Answered(List<String> columns, List<List<Parameter>> rows, @Nullable String trouble) {

  /** Copies the lists. */
  public Answered {
    columns = List.copyOf(columns);
    List<List<Parameter>> copies = new ArrayList<>(rows.size());
    rows.forEach(row -> copies.add(List.copyOf(row)));
    rows = Collections.unmodifiableList(copies);
  }

  /** Rows that are kept. */
  public Answered(List<String> columns, List<List<Parameter>> rows) {
    this(columns, rows, null);
  }

  /** Rows that can't be kept. */
  public static Answered unkept(String why) {
    return new Answered(List.of(), List.of(), why);
  }
}
