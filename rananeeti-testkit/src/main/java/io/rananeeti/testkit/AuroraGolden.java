package io.rananeeti.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A data directory with Aurora's functions in it, made once per user and version, of which every
 * instance of an emulator begins as a copy.
 *
 * <p>It was shut down in order, so that copies of it can stream from each other without a backup.
 * Its password is drawn at random and readable by its owner alone.
 */
record AuroraGolden(Path directory) {

  private static final String SQL = "aurora.sql";
  private static final String UNFINISHED = ".unfinished";
  private static final List<String> DATABASES = List.of("template1", "postgres");

  static AuroraGolden in(Path cache) {
    String sql = sql();
    Path programs = PostgresBinaries.in(cache).home().getFileName();
    Path golden = cache.toAbsolutePath().resolve("aurora-" + fingerprint(sql) + "-" + programs);
    try {
      if (!Files.isDirectory(golden)) {
        FileGuard.holding(cache.resolve("aurora.lock"), () -> makeOnce(golden, sql, cache));
      }
    } catch (IOException e) {
      throw new TestkitException("cannot prepare " + golden + ": " + e, e);
    }
    return new AuroraGolden(golden);
  }

  private static void makeOnce(Path golden, String sql, Path cache) throws IOException {
    if (Files.isDirectory(golden)) {
      return;
    }
    Path draft = golden.resolveSibling(golden.getFileName() + UNFINISHED);
    PrivateDirectory.delete(draft);
    try (PostgresServer server =
        PostgresServer.builder()
            .directory(draft)
            .binaries(cache)
            .setting("allow_system_table_mods", "on")
            .start()) {
      for (String database : DATABASES) {
        install(server, database, sql);
      }
    } catch (SQLException e) {
      throw new TestkitException("cannot install Aurora's functions: " + e.getMessage(), e);
    }
    Files.move(draft, golden, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void install(PostgresServer server, String database, String sql)
      throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(server.url(database), server.user(), server.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String sql() {
    try (InputStream in = AuroraGolden.class.getResourceAsStream(SQL)) {
      if (in == null) {
        throw new IllegalStateException(SQL + " is missing beside " + AuroraGolden.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fingerprint(String sql) {
    CRC32 crc = new CRC32();
    crc.update(sql.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(crc.getValue());
  }

  /** Copies data and password to where an instance will live. */
  void copyTo(Path instance) throws IOException {
    PrivateDirectory.ensure(instance);
    Files.copy(
        directory.resolve("password"),
        instance.resolve("password"),
        StandardCopyOption.COPY_ATTRIBUTES,
        StandardCopyOption.REPLACE_EXISTING);
    DataDirectory.copy(directory.resolve("data"), instance.resolve("data"));
  }
}
