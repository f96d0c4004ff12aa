package io.rananeeti;

import java.util.Objects;
import java.util.UUID;

/**
 * The identity of a transaction: the incarnation of the log that gave it, and a number in it.
 *
 * <p>An incarnation is drawn at random and forced to disk at every open of a log, and numbers grow
 * within it, so an id never repeats after a restart, a lost disk or a clock that steps back.
 *
 * @param incarnation the open of the log that gave this id
 * @param number grows within the incarnation, from 1
 */
public record TransactionId(UUID incarnation, long number) implements Comparable<TransactionId> {

  /** Checks its parts. */
  public TransactionId {
    Objects.requireNonNull(incarnation, "incarnation");
    if (number < 1) {
      throw new IllegalArgumentException("a transaction's number starts at 1, number=" + number);
    }
  }

  /**
   * Reads what {@link #toString()} wrote.
   *
   * @throws IllegalArgumentException if the text is not of that form
   */
  public static TransactionId parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a transaction id (<uuid>:<number>): " + text);
    }
    return new TransactionId(
        UUID.fromString(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  @Override
  public int compareTo(TransactionId other) {
    int byIncarnation = incarnation.compareTo(other.incarnation);
    return byIncarnation != 0 ? byIncarnation : Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return incarnation + ":" + number;
  }
}
