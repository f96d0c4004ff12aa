package io.rananeeti.internal.shared;

import java.time.Duration;

/**
 * How a stream of the shared log is kept.
 *
 * @param owner who writes it, for people: what others are told when it takes the stream from them
 * @param maxBytes how much of it may be kept; beyond it new transactions are refused, marks are not
 * @param maxPending bytes that may wait in memory for the storage; beyond it everything is refused
 * @param patience how long a call tries again while the storage does not answer, before the log
 *     ends
 * @param takeOver whether an earlier owner that has not closed it loses it; if not, the open is
 *     refused
 */
public record SharedLogOptions(
    String owner, long maxBytes, int maxPending, Duration patience, boolean takeOver) {

  private static final long DEFAULT_MAX_BYTES = 16L << 30;
  private static final int DEFAULT_MAX_PENDING = 64 << 20;
  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

  /** Checks the ranges. */
  public SharedLogOptions {
    if (maxBytes <= 0 || maxPending <= 0 || patience.isNegative()) {
      throw new IllegalArgumentException(
          "a shared log out of range, maxBytes=%d maxPending=%d patience=%s"
              .formatted(maxBytes, maxPending, patience));
    }
  }

  /**
   * 16 GiB, 64 MiB waiting, 30 s, taken over from whoever had it: for a node that holds a lock by
   * which it knows that no other process is the same node.
   */
  public static SharedLogOptions of(String owner) {
    return new SharedLogOptions(
        owner, DEFAULT_MAX_BYTES, DEFAULT_MAX_PENDING, DEFAULT_PATIENCE, true);
  }

  /** The same with this patience. */
  public SharedLogOptions withPatience(Duration other) {
    return new SharedLogOptions(owner, maxBytes, maxPending, other, takeOver);
  }
}
