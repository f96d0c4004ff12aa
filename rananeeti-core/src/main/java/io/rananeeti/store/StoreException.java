package io.rananeeti.store;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked; says what that means. */
public final class StoreException extends Exception {

  private static final long serialVersionUID = 1;

  private final Failure failure;
  private final String sqlState;

  /**
   * With what a person may read.
   *
   * @param sqlState the store's code, never null
   * @param message without parameters of the application, payloads or credentials
   */
  public StoreException(
      Failure failure, String sqlState, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.failure = failure;
    this.sqlState = sqlState;
  }

  /** What it means. */
  public Failure failure() {
    return failure;
  }

  /** The store's code. */
  public String sqlState() {
    return sqlState;
  }

  /** The refusal to be kept in the ledger and shown with the dead letter. */
  public Refusal refusal() {
    return new Refusal(sqlState, String.valueOf(getMessage()));
  }
}
