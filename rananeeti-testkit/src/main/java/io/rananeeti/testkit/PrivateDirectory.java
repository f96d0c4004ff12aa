package io.rananeeti.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Directories and files that nobody but the current user can enter, read or have planted.
 *
 * <p>A directory that exists already is taken only if it belongs to the current user and is no
 * symbolic link; its permissions are then narrowed to the owner.
 */
final class PrivateDirectory {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private PrivateDirectory() {}

  /**
   * Creates the directory, and its parents with the default permissions, or takes the one that is
   * there.
   */
  static Path ensure(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    if (absolute.getParent() != null) {
      Files.createDirectories(absolute.getParent());
    }
    try {
      return Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      return take(absolute);
    }
  }

  private static Path take(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new TestkitException(directory + " is no directory: remove it, or name another one");
    }
    UserPrincipal owner = Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(currentUser())) {
      throw new TestkitException(
          directory
              + " belongs to "
              + owner.getName()
              + ", so it cannot be trusted: name another directory");
    }
    return Files.setPosixFilePermissions(directory, OWNER_ONLY);
  }

  private static UserPrincipal currentUser() throws IOException {
    Path probe = Files.createTempFile("rananeeti-owner-", "");
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }

  /** Writes a file that only the owner can read; it appears complete or not at all. */
  static void writeSecret(Path file, String content) throws IOException {
    Path draft =
        Files.createTempFile(
            file.toAbsolutePath().getParent(), file.getFileName().toString(), ".new");
    Files.writeString(draft, content);
    Files.move(draft, file);
  }

  /** Deletes a directory with all that is in it. What vanishes meanwhile is no error. */
  static void delete(Path directory) throws IOException {
    for (Path path : deepestFirst(directory)) {
      Files.deleteIfExists(path);
    }
  }

  private static List<Path> deepestFirst(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
