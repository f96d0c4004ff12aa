package io.rananeeti.internal.codec;

import io.rananeeti.error.RananeetiException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are no entry this version can read. The only thing that decoding ever throws, whatever
 * it is given.
 */
public final class CodecException extends RananeetiException {

  private static final long serialVersionUID = 1;

  CodecException(String message) {
    super(message);
  }

  CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
