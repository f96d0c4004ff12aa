package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies of PostgreSQL's data directories, because the bundled programs have no pg_basebackup. By
 * {@code cp}, which takes a tenth of the time that the JVM takes for a thousand files.
 */
final class DataDirectory {

  private static final String WAL = "pg_wal";

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

  /** Copies the directory of a server that was shut down in order. The target must not exist. */
  static void copy(Path source, Path target) {
    Command copy = Command.run(List.of("cp", "-R", "-p", source.toString(), target.toString()));
    if (copy.status() != 0) {
      throw new TestkitException("cannot copy " + source + ": " + copy.output());
    }
  }

  /**
   * Copies the directory of a server that runs, as the beginning of a standby of it; the WAL in
   * between comes by streaming. The target must not exist.
   *
   * @param connection one to the server, in autocommit mode
   */
  static void backUp(Connection connection, Path source, Path target)
      throws IOException, SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select pg_backup_start('emulator', fast => true)");
      PrivateDirectory.ensure(target);
      copyRunning(source, target);
      makeEmpty(source, target);
      try (ResultSet label =
          statement.executeQuery(
              "select labelfile from pg_backup_stop(wait_for_archive => false)")) {
        label.next();
        Files.writeString(target.resolve("backup_label"), label.getString(1));
      }
    }
  }

  /** A running server removes files at any time; replay does without them. */
  private static void copyRunning(Path source, Path target) throws IOException {
    List<String> command = new ArrayList<>(List.of("cp", "-R", "-p"));
    try (Stream<Path> entries = Files.list(source)) {
      entries.filter(DataDirectory::isCopied).map(Path::toString).forEach(command::add);
    }
    command.add(target.toString());
    Command copy = Command.run(command);
    boolean onlyGone =
        copy.output().lines().allMatch(line -> line.endsWith("No such file or directory"));
    if (copy.status() != 0 && !onlyGone) {
      throw new TestkitException("cannot copy " + source + ": " + copy.output());
    }
  }

  private static boolean isCopied(Path entry) {
    String name = entry.getFileName().toString();
    return !name.equals(WAL)
        && !name.endsWith(".new")
        && !MADE_AGAIN.contains(name)
        && !OF_ONE_SERVER.contains(name);
  }

  /** The history of timelines is kept, so that the standby knows which one it is to follow. */
  private static void makeEmpty(Path source, Path target) throws IOException {
    for (String directory : MADE_AGAIN) {
      PrivateDirectory.ensure(target.resolve(directory));
    }
    PrivateDirectory.ensure(target.resolve(WAL));
    PrivateDirectory.ensure(target.resolve(WAL).resolve("archive_status"));
    PrivateDirectory.ensure(target.resolve(WAL).resolve("summaries"));
    try (Stream<Path> entries = Files.list(source.resolve(WAL))) {
      for (Path history : entries.filter(entry -> entry.toString().endsWith(".history")).toList()) {
        Files.copy(history, target.resolve(WAL).resolve(history.getFileName()));
      }
    }
  }
}
