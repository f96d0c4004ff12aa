package io.rananeeti.testkit;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.util.Set;

/** What the SQLSTATEs of an {@link InMemoryDatabase} mean (D5). */
final class InMemoryErrors {

  /** What may fail on the server. */
  @FunctionalInterface
  interface Body {
    void run() throws SQLException, StoreException;
  }

  private static final Set<String> RETRY = Set.of("40001", "40P01", "55P03");
  private static final Set<String> UNREACHABLE =
      Set.of("25006", "57P01", "57P02", "57P03", Frontier.STALE_BRANCH);
  private static final Set<String> ENVIRONMENT = Set.of("3D000", "3F000");
  private static final Set<String> REFUSED =
      Set.of("07", "0A", "21", "22", "23", "24", "25", "3B", "42", "44", "54", "55", "P0");

  private InMemoryErrors() {}

  static Failure classify(SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    String kind = state.substring(0, 2);
    if (state.startsWith("08") || state.startsWith("53") || UNREACHABLE.contains(state)) {
      return Failure.UNREACHABLE;
    }
    if (RETRY.contains(state)) {
      return Failure.RETRY;
    }
    if (ENVIRONMENT.contains(state) || kind.equals("XX") || kind.equals("28")) {
      return Failure.ENVIRONMENT;
    }
    return REFUSED.contains(kind) ? Failure.REFUSED : Failure.UNCLEAR;
  }

  /** What the failure of a statement of the platform itself means: never a refusal. */
  static Failure classifyOwn(SQLException failure) {
    Failure meaning = classify(failure);
    return meaning == Failure.REFUSED || meaning == Failure.UNCLEAR ? Failure.ENVIRONMENT : meaning;
  }

  static StoreException exception(SQLException failure, Failure meaning) {
    return new StoreException(
        meaning,
        String.valueOf(failure.getSQLState()),
        String.valueOf(failure.getMessage()),
        failure);
  }
}
