package io.rananeeti.examples.cafe;

import org.jspecify.annotations.Nullable;

/** The cafe can't open; the message is one sentence that says why and what to do. */
final class CafeException extends RuntimeException {

  private static final long serialVersionUID = 1;

  CafeException(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }
}
