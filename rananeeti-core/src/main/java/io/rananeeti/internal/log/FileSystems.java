package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What is known of the file system under a log before anything is written to it. */
final class FileSystems {

  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs");
  private static final Set<String> OF_CONTAINERS = Set.of("overlay", "overlayfs", "aufs");
  private static final Set<String> ON_NETWORK =
      Set.of(
          "nfs",
          "nfs3",
          "nfs4",
          "cifs",
          "smbfs",
          "smb2",
          "smb3",
          "afs",
          "9p",
          "ceph",
          "glusterfs",
          "fuse.glusterfs",
          "fuse.sshfs",
          "fuse.s3fs",
          "lustre");

  private FileSystems() {}

  /**
   * What a person should know of the place of the log.
   *
   * @param directory of the log, which need not exist
   * @param networkAllowed whether a network file system is taken
   * @throws LogFailedException if it is on one and may not be
   */
  static List<String> check(Path directory, boolean networkAllowed) throws IOException {
    return check(directory, Files.getFileStore(existing(directory)).type(), networkAllowed);
  }

  static List<String> check(Path directory, String type, boolean networkAllowed) {
    String kind = type.toLowerCase(Locale.ROOT);
    if (ON_NETWORK.contains(kind) && !networkAllowed) {
      throw new LogFailedException(
          "the log would be on a network file system, whose forces and locks are as good as its server: directory=%s type=%s; put it on a local disk, or say networkLog(true)"
              .formatted(directory, type),
          null);
    }
    if (IN_MEMORY.contains(kind)) {
      return List.of(
          "the log is in memory and dies with the machine or container: directory=%s type=%s; put it on a disk"
              .formatted(directory, type));
    }
    if (OF_CONTAINERS.contains(kind)) {
      return List.of(
          "the log is in a container's own layer and dies with the container: directory=%s type=%s; put it on a volume"
              .formatted(directory, type));
    }
    return List.of();
  }

  /** The directory, or the nearest one above it that exists. */
  static Path existing(Path directory) {
    Path existing = directory.toAbsolutePath();
    while (Files.notExists(existing)) {
      Path parent = existing.getParent();
      if (parent == null) {
        break;
      }
      existing = parent;
    }
    return existing;
  }
}
