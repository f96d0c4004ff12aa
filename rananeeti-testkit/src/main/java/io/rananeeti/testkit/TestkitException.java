package io.rananeeti.testkit;

import org.jspecify.annotations.Nullable;

/**
 * A test server or proxy that could not do what it was asked to.
 *
 * <p>The message says what failed, with its facts, and what to do next.
 */
public final class TestkitException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TestkitException(String message) {
    super(message);
  }

  TestkitException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
