package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.ServerErrorMessage;

/**
 * Failures put so that they may be stored, shown and logged: without any value of the application's
 * rows or parameters.
 *
 * <p>PostgreSQL's primary message is kept where it names things and not values (integrity
 * constraints, syntax and access rules, check options), unless a procedure raised it. Class 22
 * quotes the value that it did not like, and what procedures raise may say anything: there the
 * condition and the names of table, column and constraint must do, and the server's log has the
 * rest.
 */
final class Wording {

  private static final Set<String> NAMES_ONLY = Set.of("23", "42", "44");

  private static final List<String> RAISED_BY_CODE =
      List.of("exec_stmt_raise", "PLy_", "plperl", "pltcl");

  private static final Map<String, String> CONDITIONS =
      Map.ofEntries(
          Map.entry("22000", "data exception"),
          Map.entry("22001", "string data too long"),
          Map.entry("22003", "numeric value out of range"),
          Map.entry("22004", "null value not allowed"),
          Map.entry("22007", "invalid date or time format"),
          Map.entry("22008", "date or time field overflow"),
          Map.entry("22012", "division by zero"),
          Map.entry("22021", "character not in repertoire"),
          Map.entry("22023", "invalid parameter value"),
          Map.entry("22026", "string data of the wrong length"),
          Map.entry("22030", "duplicate key in a JSON object"),
          Map.entry("22032", "invalid JSON text"),
          Map.entry("22P02", "invalid text representation"),
          Map.entry("22P03", "invalid binary representation"),
          Map.entry("22P05", "untranslatable character"));

  private Wording() {}

  /**
   * A failure with its meaning, in words.
   *
   * @param step what was being done; left out of a refusal, which a dead letter shows as it is
   */
  static StoreException exception(String step, Failure meaning, SQLException failure) {
    String state = Classifier.sqlState(failure);
    String words = describe(failure);
    // What the server or a parameter's setter said is never carried along: a log would print it.
    return new StoreException(
        meaning,
        state == null ? "08001" : state,
        meaning == Failure.REFUSED ? words : step + ": " + words,
        meaning == Failure.UNREACHABLE ? failure : null,
        isOfRow(failure));
  }

  /** A policy of row-level security, or a check option, that this row does not meet. */
  private static boolean isOfRow(SQLException failure) {
    ServerErrorMessage answer = Classifier.answer(failure);
    return answer != null && "ExecWithCheckOptions".equals(answer.getRoutine());
  }

  /** The failure in words. */
  static String describe(SQLException failure) {
    ServerErrorMessage answer = Classifier.answer(failure);
    String state = String.valueOf(Classifier.sqlState(failure));
    if (answer == null) {
      return aboutTheSession(state)
          ? String.valueOf(failure.getMessage())
          : "the driver refused a parameter or a call, sqlState=" + state;
    }
    if (namesOnly(state, answer)) {
      return String.valueOf(answer.getMessage());
    }
    String condition =
        CONDITIONS.getOrDefault(state, state.startsWith("22") ? "data exception" : "error");
    return condition
        + named(" schema", answer.getSchema())
        + named(" table", answer.getTable())
        + named(" column", answer.getColumn())
        + named(" type", answer.getDatatype())
        + named(" constraint", answer.getConstraint())
        + " (sqlState="
        + state
        + "; the message may hold values, the server's log has it)";
  }

  private static boolean namesOnly(String state, ServerErrorMessage answer) {
    String routine = String.valueOf(answer.getRoutine());
    return state.length() == 5
        && (NAMES_ONLY.contains(state.substring(0, 2)) || aboutTheSession(state))
        && RAISED_BY_CODE.stream().noneMatch(routine::startsWith);
  }

  /** Conditions of the server itself, whose messages hold none of the application's values. */
  private static boolean aboutTheSession(String state) {
    return state.equals("null")
        || state.startsWith("08")
        || state.startsWith("25")
        || state.startsWith("28")
        || state.startsWith("3D")
        || state.startsWith("40")
        || state.startsWith("53")
        || state.startsWith("55")
        || state.startsWith("57");
  }

  private static String named(String what, @Nullable String name) {
    return name == null ? "" : what + "=" + name;
  }
}
