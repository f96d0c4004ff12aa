package io.rananeeti.error;

import org.jspecify.annotations.Nullable;

/** The root of what the platform throws outside JDBC. */
public class RananeetiException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With a message that says what failed, with which facts, and what to do next. */
  public RananeetiException(String message) {
    this(message, null);
  }

  /** With the failure behind it. */
  public RananeetiException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
