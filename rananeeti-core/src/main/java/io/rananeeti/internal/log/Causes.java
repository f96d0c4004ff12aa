package io.rananeeti.internal.log;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Says in a sentence why a directory can't be used, where the JDK says only which. */
final class Causes {

  private static final String READ_ONLY = "Read-only file system";
  private static final String NO_SPACE = "No space left on device";
  private static final String NOT_THE_OWNER = "Operation not permitted";

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
    if (message.contains(NO_SPACE)) {
      return "%s; free some on the disk of the log".formatted(message);
    }
    if (message.contains(NOT_THE_OWNER)) {
      return "%s: it belongs to another user and can't be made private to this one (%s); make it this user's, or give the log a directory below it"
          .formatted(message, System.getProperty("user.name"));
    }
    if (failure instanceof FileAlreadyExistsException && isLink(message)) {
      return "%s is a link to what is not there; mount or make that, or give the log another directory"
          .formatted(message);
    }
    if (failure instanceof FileAlreadyExistsException || failure instanceof NotDirectoryException) {
      return "%s is a file, no directory; give the log another one".formatted(message);
    }
    return failure.getClass() == IOException.class ? message : failure.toString();
  }

  private static boolean isLink(String path) {
    return Files.isSymbolicLink(Path.of(path));
  }
}
