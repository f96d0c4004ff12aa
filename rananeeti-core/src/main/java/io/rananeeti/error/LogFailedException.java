package io.rananeeti.error;

import org.jspecify.annotations.Nullable;

/**
 * The log has ended for good: a force failed, or its files can't be trusted. Nothing more is
 * acknowledged by this process; what was acknowledged is still there after a restart. Through JDBC:
 * SQLSTATE 08007, since nobody knows whether an entry that was on its way is on disk.
 */
public final class LogFailedException extends RananeetiException {

  private static final long serialVersionUID = 1;

  /** With a message that says what failed and what to do. */
  public LogFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
