package io.rananeeti.error;

import org.jspecify.annotations.Nullable;

/**
 * The log takes no more entries for want of space. Nothing that was acknowledged is lost, and work
 * goes on as soon as there is space again. Through JDBC: SQLSTATE 53100.
 */
public final class LogFullException extends RananeetiException {

  private static final long serialVersionUID = 1;

  /** With a message that says how much is used of what. */
  public LogFullException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
