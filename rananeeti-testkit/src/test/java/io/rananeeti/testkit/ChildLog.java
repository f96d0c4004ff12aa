package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Durability;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LogWriter} in a process of its own, whose acknowledgements are noted as they come. What
 * it printed and nobody has read is read before its end is looked at.
 */
final class ChildLog implements AutoCloseable {

  private static final int KILLED = 128 + 9;

  private final Process process;
  private final BufferedReader lines;
  private final Path aside;
  private final Written written;

  private ChildLog(Process process, Path aside, Written written) {
    this.process = process;
    this.aside = aside;
    this.written = written;
    this.lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  /**
   * What to start.
   *
   * @param wrapper a program and its arguments that run the JVM, none for none
   * @param flags of the JVM, beside those that Chronicle needs
   * @param each entries a thread, 0 for no end
   * @param largest entry, about a third of them are large
   */
  record Task(
      StorageKind kind,
      Path directory,
      Durability durability,
      int threads,
      int each,
      int largest,
      List<String> wrapper,
      List<String> flags) {

    static Task of(StorageKind kind, Path directory) {
      return new Task(kind, directory, Durability.FORCE, 4, 0, 600, List.of(), List.of());
    }

    Task at(Durability other) {
      return new Task(kind, directory, other, threads, each, largest, wrapper, flags);
    }

    Task with(int otherThreads, int otherEach, int otherLargest) {
      return new Task(
          kind, directory, durability, otherThreads, otherEach, otherLargest, wrapper, flags);
    }

    Task in(String... otherWrapper) {
      return new Task(
          kind, directory, durability, threads, each, largest, List.of(otherWrapper), flags);
    }

    Task flags(String... otherFlags) {
      return new Task(
          kind, directory, durability, threads, each, largest, wrapper, List.of(otherFlags));
    }
  }

  /** Starts it; its numbers begin behind this one. */
  static ChildLog start(Task task, long firstNumber, Written written) throws IOException {
    Path aside = Files.createTempDirectory("rananeeti-child-");
    List<String> command = new ArrayList<>(task.wrapper());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--"))
        .forEach(command::add);
    command.addAll(
        List.of("-XX:ErrorFile=" + aside.resolve("hs_err"), "-XX:-CreateCoredumpOnCrash"));
    command.addAll(task.flags());
    command.addAll(List.of("-cp", classPath()));
    command.add(LogWriter.class.getName());
    command.addAll(
        List.of(
            task.kind().name(),
            task.directory().toString(),
            task.durability().name(),
            Long.toString(firstNumber),
            Integer.toString(task.threads()),
            Integer.toString(task.each()),
            Integer.toString(task.largest())));
    Process process =
        new ProcessBuilder(command).redirectError(aside.resolve("errors").toFile()).start();
    return new ChildLog(process, aside, written);
  }

  /** Without what the test kit alone brings, and which writes to the home directory. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.contains(File.separator + "jna"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** The next line that is no acknowledgement, null at the end. */
  @Nullable String line() throws IOException {
    String line = lines.readLine();
    while (line != null && noted(line)) {
      line = lines.readLine();
    }
    return line;
  }

  /** Reads this many acknowledgements, or up to the end or another line, whichever is first. */
  void readAcknowledgements(int most) throws IOException {
    for (int i = 0; i < most; i++) {
      String line = lines.readLine();
      if (line == null || !noted(line)) {
        return;
      }
    }
  }

  /** Reads lines to the one that begins so, and hands over the others that say something. */
  String await(String beginning, Consumer<String> others) throws IOException {
    for (String line = line(); line != null; line = line()) {
      if (line.startsWith(beginning)) {
        return line;
      }
      others.accept(line);
    }
    throw new AssertionError(
        "it ended before it said '%s', status=%d: %s"
            .formatted(beginning, process.onExit().join().exitValue(), errors()));
  }

  void say(String order) throws IOException {
    process.getOutputStream().write((order + "\n").getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  /** Kills it and all that it runs in, and reads what it had said. */
  void kill() throws IOException {
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    readToTheEnd();
    all.forEach(each -> each.onExit().join());
    assertThat(process.onExit().join().exitValue()).isEqualTo(KILLED);
  }

  /** Tells it to end, and fails if it ended in any other way. */
  void end() throws IOException {
    say("end");
    readToTheEnd();
    int status = process.onExit().join().exitValue();
    assertThat(status).as(errors()).isZero();
    assertThat(aside.resolve("hs_err")).doesNotExist();
  }

  long pid() {
    return process.pid();
  }

  String errors() throws IOException {
    return Files.readString(aside.resolve("errors"), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    try {
      lines.close();
      PrivateDirectory.delete(aside);
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    }
  }

  private void readToTheEnd() throws IOException {
    while (line() != null) {}
  }

  /** A line is one write, shorter than what a pipe takes in one piece: it comes whole or not. */
  private boolean noted(String line) {
    if (!line.matches("\\d+ \\d+")) {
      return false;
    }
    String[] pair = line.split(" ", 2);
    written.acknowledged(Long.parseLong(pair[0]), Long.parseLong(pair[1]));
    return true;
  }
}
