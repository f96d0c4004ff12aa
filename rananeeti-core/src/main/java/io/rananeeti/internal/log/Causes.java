package io.rananeeti.internal.log;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;

/** Says in a sentence why a directory can't be used, where the JDK says only which. */
final class Causes {

  private static final String READ_ONLY = "Read-only file system";

  private Causes() {}

  static String of(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof AccessDeniedException || message.contains("Permission denied")) {
      return "%s may not be written by this user (%s); give the user the right, or the log another directory"
          .formatted(message, System.getProperty("user.name"));
    }
    if (message.contains(READ_ONLY)) {
      return "%s; mount it for writing, or give the log another directory".formatted(message);
    }
    if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
      return "%s is a file, no directory; give the log another one".formatted(message);
    }
    return failure.getClass() == IOException.class ? message : failure.toString();
  }
}
