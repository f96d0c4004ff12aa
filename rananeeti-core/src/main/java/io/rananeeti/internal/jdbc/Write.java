package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.SqlVerdict.Kind;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One text that is to be run, with the parameters of each of its executions.
 *
 * @param rows one for each execution: several in a batch, a single empty one for a text without
 *     parameters
 */
record Write(String sql, SqlVerdict verdict, boolean prepared, List<List<Given>> rows) {

  /** A text without parameters. */
  static Write text(String sql, SqlVerdict verdict) {
    return new Write(sql, verdict, false, List.of(List.of()));
  }

  /** Whether it may be recorded as a write: its text is known to be one. */
  boolean isWrite() {
    return verdict.kind() == Kind.INSERT || verdict.kind() == Kind.COUNTED;
  }

  /**
   * What is recorded of it.
   *
   * @param counts of each row
   * @return null if a parameter can't be kept
   */
  @Nullable Operation operation(List<Long> counts) {
    List<List<Parameter>> kept = new ArrayList<>(rows.size());
    for (List<Given> row : rows) {
      List<Parameter> values = new ArrayList<>(row.size());
      for (Given given : row) {
        Parameter parameter = given.kept();
        if (parameter == null) {
          return null;
        }
        values.add(parameter);
      }
      kept.add(values);
    }
    return new Operation(sql, prepared, kept, counts);
  }

  /** Why a parameter can't be kept; empty if all can. */
  String unkept() {
    return firstOf(given -> given.kept() == null);
  }

  /**
   * The same, while it is wanted for the log.
   *
   * @param noSpool why long streams don't go to the spool; null if they do
   */
  String unkept(@Nullable String noSpool) {
    boolean isLong =
        rows.stream().flatMap(List::stream).anyMatch(g -> g.kept() == null && g.isLong());
    return noSpool != null && isLong ? unkept() + "; " + noSpool : unkept();
  }

  /**
   * Why a parameter could not be kept in an outage; empty if all could.
   *
   * @param spools whether long streams go to the spool then
   */
  String unkeptInOutage(boolean spools) {
    return firstOf(given -> given.kept() == null && !(spools && given.isLong()));
  }

  /** Why a parameter can be given to a driver only once; empty if none is such. */
  String once() {
    return firstOf(Given::once);
  }

  private String firstOf(Predicate<Given> which) {
    for (List<Given> row : rows) {
      for (Given given : row) {
        if (which.test(given)) {
          return given.unkept();
        }
      }
    }
    return "";
  }

  /** The number of the first parameter that has no value; 0 if all have one. */
  int missingParameter() {
    if (prepared) {
      for (List<Given> row : rows) {
        for (int i = 1; i <= Math.max(row.size(), verdict.parameters()); i++) {
          if (i > row.size() || !Integer.valueOf(i).equals(row.get(i - 1).call().args().get(0))) {
            return i;
          }
        }
      }
    }
    return 0;
  }

  /** Whether more parameters were set than the text has. */
  boolean hasTooManyParameters() {
    return prepared && rows.stream().anyMatch(row -> row.size() > verdict.parameters());
  }
}
