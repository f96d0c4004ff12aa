package io.rananeeti.s3;

import java.io.IOException;

/**
 * The content of an object is not what was put there: changed where it is kept, or by another hand
 * that has left its metadata. Reading it again helps only if it was changed on the way.
 */
public final class TamperedObjectException extends IOException {

  private static final long serialVersionUID = 1;

  TamperedObjectException(String key) {
    super(
        "%s: the content of object %s is not what was put there, its SHA-256 differs"
            .formatted(Failures.TAMPERED, key));
  }
}
