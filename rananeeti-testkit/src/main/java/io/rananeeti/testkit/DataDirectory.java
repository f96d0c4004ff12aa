package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Copies of PostgreSQL's data directories, file by file: the bundled programs have no
 * pg_basebackup.
 */
final class DataDirectory {

  /** Directories whose content a server makes again when it starts. */
  private static final Set<String> MADE_AGAIN =
      Set.of(
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> OF_ONE_SERVER =
      Set.of("postmaster.pid", "postmaster.opts", "standby.signal", "backup_label");

  private DataDirectory() {}

  /** Copies the directory of a server that was shut down in order. */
  static void copy(Path source, Path target) throws IOException {
    copy(source, target, file -> true);
  }

  /**
   * Copies the directory of a server that runs, as the beginning of a standby of it; the WAL in
   * between comes by streaming.
   */
  static void backUp(PostgresServer server, Path source, Path target)
      throws IOException, SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_backup_start('emulator', fast => true)");
      copy(source, target, DataDirectory::belongsToBackup);
      try (ResultSet label =
          statement.executeQuery(
              "select labelfile from pg_backup_stop(wait_for_archive => false)")) {
        label.next();
        Files.writeString(target.resolve("backup_label"), label.getString(1));
      }
    }
  }

  private static boolean belongsToBackup(Path file) {
    String name = file.getFileName().toString();
    String directory = file.getParent() == null ? "" : file.getParent().toString();
    boolean segment = directory.equals("pg_wal") && !name.endsWith(".history");
    return !segment
        && !MADE_AGAIN.contains(file.getName(0).toString())
        && !OF_ONE_SERVER.contains(name);
  }

  private static void copy(Path source, Path target, Predicate<Path> wanted) throws IOException {
    PrivateDirectory.ensure(target);
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Path relative = source.relativize(directory);
            if (relative.getNameCount() > 1 && !wanted.test(relative)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(target.resolve(relative));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path relative = source.relativize(file);
            if (wanted.test(relative)) {
              copyUnlessGone(file, target.resolve(relative));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
  }

  /** A running server removes files at any time; replay does without them. */
  private static void copyUnlessGone(Path file, Path target) throws IOException {
    try {
      Files.copy(file, target);
    } catch (NoSuchFileException e) {
      Files.deleteIfExists(target);
    }
  }
}
