package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * Where an embedded server lives: {@code data} (PostgreSQL's own), {@code password} (of the
 * superuser, 0600), {@code server.log}, and {@code lock}, held while somebody starts the server.
 *
 * <p>The data directory appears complete or not at all.
 *
 * @param root a real path; only its owner can enter it
 * @param temporary whether it is deleted at the end
 */
record ServerDirectory(Path root, boolean temporary) {

  private static final int PASSWORD_BYTES = 24;
  private static final int LOG_LINES_IN_ERRORS = 12;

  static ServerDirectory at(Path directory) throws IOException {
    return new ServerDirectory(PrivateDirectory.ensure(directory).toRealPath(), false);
  }

  static ServerDirectory createTemporary() throws IOException {
    return new ServerDirectory(Files.createTempDirectory("rananeeti-postgres-").toRealPath(), true);
  }

  Path data() {
    return root.resolve("data");
  }

  Path log() {
    return root.resolve("server.log");
  }

  Path lock() {
    return root.resolve("lock");
  }

  private Path passwordFile() {
    return root.resolve("password");
  }

  /** Returns the superuser's password, drawn at the first call. */
  String password() throws IOException {
    if (!Files.exists(passwordFile())) {
      byte[] bytes = new byte[PASSWORD_BYTES];
      new SecureRandom().nextBytes(bytes);
      PrivateDirectory.writeSecret(passwordFile(), HexFormat.of().formatHex(bytes));
    }
    return Files.readString(passwordFile()).strip();
  }

  /** Creates the data directory with {@code initdb}, unless there is one. */
  void initialize(PostgresBinaries binaries) throws IOException {
    if (Files.exists(data())) {
      return;
    }
    password();
    Path draft = root.resolve("data.unfinished");
    PrivateDirectory.delete(draft);
    Command initdb = Command.run(Launcher.asOrdinaryUser(initdb(binaries, draft)));
    if (initdb.status() != 0) {
      throw new TestkitException(Launcher.explain("initdb failed", initdb.output()));
    }
    Files.move(draft, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  private List<String> initdb(PostgresBinaries binaries, Path target) {
    return List.of(
        binaries.program("initdb").toString(),
        "--pgdata=" + target,
        "--username=" + EmbeddedPostgres.USER,
        "--pwfile=" + passwordFile(),
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        temporary ? "--no-sync" : "--sync-method=fsync");
  }

  /** Returns the end of the server's log from that byte on, for error messages. */
  String logSince(long offset) {
    try {
      if (!Files.exists(log())) {
        return "";
      }
      byte[] bytes = Files.readAllBytes(log());
      int from = (int) Math.min(offset, bytes.length);
      List<String> lines =
          new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8).lines().toList();
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_IN_ERRORS), lines.size()));
    } catch (IOException e) {
      return "(" + log() + " cannot be read: " + e + ")";
    }
  }
}
