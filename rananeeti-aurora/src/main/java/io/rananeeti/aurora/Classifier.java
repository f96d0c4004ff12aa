package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a failure of PostgreSQL or its driver means (D5), by SQLSTATE and by whether the server
 * answered.
 *
 * <p>What no rule names is {@link Failure#UNCLEAR}: tried a few times, then refused. A wrong guess
 * then costs some tries; taking it for unreachable would stop the drain for ever, and taking it for
 * refused would make dead letters of what only needed time.
 */
final class Classifier {

  private static final Set<String> UNREACHABLE =
      Set.of(
          "25006",
          "25P03",
          "25P04",
          "40003",
          "57P01",
          "57P02",
          "57P03",
          "57P05",
          Frontier.STALE_BRANCH);

  private static final Set<String> RETRY =
      Set.of("26000", "40000", "40001", "40P01", "55006", "55P03");

  private static final Set<String> ENVIRONMENT = Set.of("3D000", "3F000", "57P04");

  private static final Set<String> ENVIRONMENT_CLASSES = Set.of("28", "58", "F0", "XX");

  private static final Set<String> REFUSED_CLASSES =
      Set.of(
          "02", "03", "07", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "20", "21", "22", "23", "24",
          "25", "27", "2B", "2D", "2F", "34", "38", "39", "3B", "40", "42", "44", "54", "55", "HV",
          "P0");

  /** The function of the server that raises a serialization failure at COMMIT itself. */
  private static final String FAILS_AT_COMMIT = "PreCommit_CheckForSerializationFailure";

  private Classifier() {}

  /** What it means. */
  static Failure classify(SQLException failure) {
    if (timedOut(failure)) {
      return Failure.UNREACHABLE;
    }
    String state = sqlState(failure);
    if (state == null) {
      return Failure.UNREACHABLE;
    }
    if (state.startsWith("08")) {
      return classifyConnectionException(failure, state);
    }
    if (endedTheSession(failure) && !beforeTheSession(state)) {
      return Failure.UNREACHABLE;
    }
    if (ENVIRONMENT.contains(state) || ENVIRONMENT_CLASSES.contains(classOf(state))) {
      return Failure.ENVIRONMENT;
    }
    if (isUnreachable(state)) {
      return Failure.UNREACHABLE;
    }
    if (RETRY.contains(state)) {
      return Failure.RETRY;
    }
    return REFUSED_CLASSES.contains(classOf(state)) ? Failure.REFUSED : Failure.UNCLEAR;
  }

  /**
   * What the failure of a statement of ours means. It says nothing about the application's, so it
   * never counts against that: a person must look.
   */
  static Failure classifyOwn(SQLException failure) {
    Failure meaning = classify(failure);
    return switch (meaning) {
      case REFUSED, UNCLEAR -> Failure.ENVIRONMENT;
      case UNREACHABLE, RETRY, ENVIRONMENT -> meaning;
    };
  }

  /**
   * Whether the pair at COMMIT failed because the ledger has the id already (C1). A serialization
   * failure that COMMIT itself raised is the transaction's own; any other one may be the ledger's
   * row that this snapshot could not see, and where it is not, to settle is slower but right.
   */
  static boolean settledOtherwise(SQLException failure) {
    String state = String.valueOf(sqlState(failure));
    ServerErrorMessage answer = answer(failure);
    return switch (state) {
      case "23505" ->
          answer == null
              || (Ledger.SCHEMA.equals(answer.getSchema())
                  && Ledger.IDENTITY.equals(answer.getConstraint()));
      case "40001" -> answer == null || !FAILS_AT_COMMIT.equals(answer.getRoutine());
      default -> false;
    };
  }

  /** Whether the pair at COMMIT failed because its intent key has a holder (S6). */
  static boolean intentTaken(SQLException failure) {
    ServerErrorMessage answer = answer(failure);
    return "23505".equals(sqlState(failure))
        && answer != null
        && Ledger.SCHEMA.equals(answer.getSchema())
        && Ledger.INTENT.equals(answer.getConstraint());
  }

  /**
   * Whether a connection that met this must not be used again: it has ended, what it was doing may
   * be open, or its server is no longer the writer.
   */
  static boolean breaks(SQLException failure) {
    String state = sqlState(failure);
    boolean shortOfResources = state != null && state.startsWith("53");
    boolean open = classify(failure) == Failure.UNREACHABLE && !shortOfResources;
    return open || endedTheSession(failure);
  }

  /**
   * Whether a write met a read-only transaction. The server may have ceased to be the writer, or
   * the application has asked for it; who ran the statement knows.
   */
  static boolean isReadOnly(SQLException failure) {
    return "25006".equals(sqlState(failure)) && answer(failure) != null;
  }

  /** The first SQLSTATE along the chain of causes. */
  static @Nullable String sqlState(SQLException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return null;
  }

  /** What the server said, null if it said nothing. */
  static @Nullable ServerErrorMessage answer(SQLException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof PSQLException driver && driver.getServerErrorMessage() != null) {
        return driver.getServerErrorMessage();
      }
    }
    return null;
  }

  /**
   * Class 08 is also what a healthy session answers when the server's own client fails (dblink,
   * foreign tables), or when a message of the driver made no sense to it.
   */
  private static Failure classifyConnectionException(SQLException failure, String state) {
    if (answer(failure) == null || endedTheSession(failure)) {
      return Failure.UNREACHABLE;
    }
    return state.equals("08P01") ? Failure.REFUSED : Failure.RETRY;
  }

  /** A limit that somebody has set (53400) is an answer; no memory, disk or connection is none. */
  private static boolean isUnreachable(String state) {
    return UNREACHABLE.contains(state) || (state.startsWith("53") && !state.equals("53400"));
  }

  /** What a server answers with FATAL to a session that it does not let begin. */
  private static boolean beforeTheSession(String state) {
    return state.startsWith("28") || state.equals("3D000") || state.equals("57P04");
  }

  private static boolean endedTheSession(SQLException failure) {
    ServerErrorMessage answer = answer(failure);
    String severity = answer == null ? null : answer.getSeverity();
    return "FATAL".equals(severity) || "PANIC".equals(severity);
  }

  private static boolean timedOut(SQLException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SQLTimeoutException || each instanceof SocketTimeoutException) {
        return true;
      }
      if (each instanceof IOException && sqlState(failure) == null) {
        return true;
      }
    }
    return false;
  }

  private static String classOf(String state) {
    return state.length() < 2 ? state : state.substring(0, 2);
  }
}
