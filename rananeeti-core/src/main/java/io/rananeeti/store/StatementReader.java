package io.rananeeti.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what the texts of a store are, where they are not SQL as PostgreSQL has it. Asks no
 * database. Thread-safe.
 *
 * <p>{@code BEGIN}, {@code COMMIT}, {@code ROLLBACK} and savepoints are the platform's, whatever
 * the store; it is not asked for them.
 */
public interface StatementReader {

  /** What a text is. */
  enum Kind {
    /** A query without effects. */
    QUERY,
    /** A write that answers 1. */
    INSERT,
    /** A write whose count only the store knows: 1 is promised, and verified when it is applied. */
    WRITE,
    /** Nothing that may wait in the log. While the store is up, it is asked all the same. */
    REFUSED
  }

  /**
   * What is made of a text.
   *
   * @param parameters how many {@code ?} it has
   * @param why it is refused, with the statement and the place, without literals; null if it is not
   */
  record Reading(Kind kind, int parameters, @Nullable String why) {}

  /** What this text is. */
  Reading read(String text);

  /**
   * Why these can't be one transaction, such as a limit that they exceed; null if they can, as far
   * as that can be said without the store.
   *
   * @param recorded all of a transaction so far
   */
  @Nullable String refusal(List<Operation> recorded);
}
