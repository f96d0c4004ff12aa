package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the postmaster is started: as a direct child of this JVM, in a session of its own where
 * {@code setsid} exists (so that Ctrl-C in a terminal reaches the JVM alone), with its output in a
 * file, and surviving the JVM.
 *
 * <p>PostgreSQL refuses to run as root. Root therefore starts it in a user namespace of its own,
 * through {@code unshare --user}, in which it is nobody, while its files still belong to root
 * outside.
 */
final class Launcher {

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  private Launcher() {}

  /** Returns the command as PostgreSQL accepts to be started by the current user. */
  static List<String> asOrdinaryUser(List<String> command) {
    if (!ROOT) {
      return command;
    }
    if (!Command.exists("unshare")) {
      throw new TestkitException(
          "PostgreSQL does not run as root, and the program unshare is missing: "
              + "install util-linux, or run as an ordinary user, or set "
              + ExternalPostgres.URL_VARIABLE
              + " to the URL of a server");
    }
    List<String> wrapped = new ArrayList<>(List.of("unshare", "--user"));
    wrapped.addAll(command);
    return wrapped;
  }

  /** Says what a failed start printed, and what to do about the known causes. */
  static String explain(String failure, String output) {
    String message = failure + ":\n" + output;
    if (output.contains("unshare failed")) {
      return message
          + "\nPostgreSQL does not run as root, and user namespaces are not allowed here: "
          + "run as an ordinary user, or set "
          + ExternalPostgres.URL_VARIABLE
          + " to the URL of a server";
    }
    if (portInUse(output)) {
      return message
          + "\nThe port is in use: end the program that listens there, or choose another port(...)";
    }
    return message;
  }

  static boolean portInUse(String output) {
    return output.contains("Address already in use");
  }

  /** Starts the postmaster and returns at once. */
  static Process launch(
      PostgresBinaries binaries,
      ServerDirectory directory,
      int port,
      Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    if (Command.exists("setsid")) {
      command.add("setsid");
    }
    command.addAll(asOrdinaryUser(postgres(binaries, directory.data(), port, settings)));
    try {
      return Command.builder(command)
          .redirectInput(Path.of("/dev/null").toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.log().toFile()))
          .start();
    } catch (IOException e) {
      throw new TestkitException(
          "cannot start " + binaries.program("postgres") + ": " + e.getMessage(), e);
    }
  }

  private static List<String> postgres(
      PostgresBinaries binaries, Path data, int port, Map<String, String> settings) {
    List<String> command =
        new ArrayList<>(
            List.of(
                binaries.program("postgres").toString(), "-D", data.toString(), "-p", "" + port));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command;
  }

  /** Returns the length of the log, so that a later error shows only what was written since. */
  static long logLength(ServerDirectory directory) {
    try {
      return Files.exists(directory.log()) ? Files.size(directory.log()) : 0;
    } catch (IOException e) {
      throw new TestkitException("cannot read " + directory.log() + ": " + e, e);
    }
  }
}
