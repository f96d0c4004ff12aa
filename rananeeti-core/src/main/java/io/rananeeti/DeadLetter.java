package io.rananeeti;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An acknowledged transaction that its store refused. Holds the texts of its statements with
 * literals masked, never their parameters.
 *
 * @param id the transaction
 * @param store the store that refused it
 * @param orderingKey its ordering key, whose later transactions are parked behind it; null if none
 * @param acceptedAt when it was accepted
 * @param rejectedAt when it was refused
 * @param sqlState why: the store's SQLSTATE, or {@code 44R01} for a result that differs from the
 *     promise given when it was accepted
 * @param reason why, in words, without parameters
 * @param statements the texts of its statements, string and number literals masked by {@code ?}
 */
public record DeadLetter(
    TransactionId id,
    String store,
    @Nullable String orderingKey,
    Instant acceptedAt,
    Instant rejectedAt,
    String sqlState,
    String reason,
    List<String> statements) {

  /** Copies the list. */
  public DeadLetter {
    statements = List.copyOf(statements);
  }
}
