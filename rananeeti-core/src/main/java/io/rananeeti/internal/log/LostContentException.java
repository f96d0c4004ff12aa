package io.rananeeti.internal.log;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Content is gone, or no longer what was taken: to read it once more is of no use. */
public final class LostContentException extends IOException {

  private static final long serialVersionUID = 1;

  LostContentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
