package io.rananeeti.store;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked; says what that means. */
public final class StoreException extends Exception {

  private static final long serialVersionUID = 1;

  private final Failure failure;
  private final String sqlState;
  private final boolean ofRow;

  /**
   * With what a person may read.
   *
   * @param sqlState the store's code, never null
   * @param message without parameters of the application, payloads or credentials
   */
  public StoreException(
      Failure failure, String sqlState, String message, @Nullable Throwable cause) {
    this(failure, sqlState, message, cause, false);
  }

  /**
   * The same, with what the refusal is about.
   *
   * @param ofRow whether it is about what the transaction writes, such as a row that a policy does
   *     not allow, and so no sign of a broken environment, whatever its code says
   */
  public StoreException(
      Failure failure, String sqlState, String message, @Nullable Throwable cause, boolean ofRow) {
    super(message, cause);
    this.failure = failure;
    this.sqlState = sqlState;
    this.ofRow = ofRow;
  }

  /** Whether it is about what the transaction writes, whatever its code says. */
  public boolean isOfRow() {
    return ofRow;
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
