package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A short-lived program: runs, ends, and leaves its exit status and what it printed. */
record Command(int status, String output) {

  /**
   * Runs a program to its end with a neutral locale and none of PostgreSQL's environment variables.
   */
  static Command run(List<String> arguments) {
    try {
      Process process = builder(arguments).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Command(process.waitFor(), output.strip());
    } catch (IOException e) {
      throw new TestkitException("cannot run " + arguments.get(0) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TestkitException("interrupted while running " + arguments.get(0), e);
    }
  }

  static ProcessBuilder builder(List<String> arguments) {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  /** Whether a program of that name is found on the PATH. */
  static boolean exists(String program) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Stream.of(path.split(":", -1))
        .filter(directory -> !directory.isEmpty())
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
