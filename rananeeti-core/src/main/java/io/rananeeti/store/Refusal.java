package io.rananeeti.store;

/**
 * Why a store refused a transaction.
 *
 * @param sqlState the store's code; {@link #BROKEN_PROMISE} for a result that differs from the one
 *     promised
 * @param message in words, at most {@value #MAX_MESSAGE} characters, without parameters
 */
public record Refusal(String sqlState, String message) {

  /** SQLSTATE of a result that differs from the promise given when it was accepted. */
  public static final String BROKEN_PROMISE = "44R01";

  /** The longest message that is kept. */
  public static final int MAX_MESSAGE = 500;

  /** Cuts the message. */
  public Refusal {
    if (message.length() > MAX_MESSAGE) {
      message = message.substring(0, MAX_MESSAGE);
    }
  }
}
