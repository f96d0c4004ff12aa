package io.rananeeti.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The processes of the PostgreSQL server of one data directory, and of no other.
 *
 * <p>Where there is {@code /proc}, a process belongs here if its program is called {@code postgres}
 * and its working directory is the data directory, which is where a postmaster and all its children
 * live. A process id from a stale {@code postmaster.pid} therefore never leads to somebody else's
 * process, and orphans of a dead postmaster are found. Elsewhere the postmaster is known by {@code
 * postmaster.pid}, its program's name and its time of start, and the rest are its descendants;
 * orphans stay unknown there.
 *
 * <p>Processes that have ended but were not reaped by their parent do not count.
 */
final class ServerProcesses {

  private static final Path PROC = Path.of("/proc");
  private static final Duration START_TOLERANCE = Duration.ofMinutes(1);

  private final Path data;

  ServerProcesses(Path data) {
    this.data = data;
  }

  /** Returns the postmaster, if it lives. */
  Optional<ProcessHandle> postmaster() {
    return PostmasterFile.read(data).flatMap(this::postmaster);
  }

  private Optional<ProcessHandle> postmaster(PostmasterFile file) {
    return ProcessHandle.of(file.pid())
        .filter(process -> hasProc() ? belongs(file.pid()) : startedWith(process, file.started()));
  }

  private static boolean startedWith(ProcessHandle process, Instant written) {
    boolean postgres =
        process.info().command().filter(program -> program.endsWith("/postgres")).isPresent();
    return postgres
        && process
            .info()
            .startInstant()
            .filter(start -> Duration.between(start, written).abs().compareTo(START_TOLERANCE) < 0)
            .isPresent();
  }

  /** Returns every living process of the server. */
  List<ProcessHandle> all() {
    return hasProc() ? inProc() : postmaster().map(ServerProcesses::family).orElse(List.of());
  }

  private static List<ProcessHandle> family(ProcessHandle postmaster) {
    return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
  }

  private List<ProcessHandle> inProc() {
    try (Stream<Path> entries = Files.list(PROC)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> Character.isDigit(name.charAt(0)))
          .map(Long::valueOf)
          .filter(this::belongs)
          .flatMap(pid -> ProcessHandle.of(pid).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean belongs(long pid) {
    Path process = PROC.resolve(Long.toString(pid));
    return link(process.resolve("cwd")).equals(data.toString())
        && link(process.resolve("exe")).replace(" (deleted)", "").endsWith("/postgres");
  }

  /**
   * Returns where a link of a process leads; nowhere for processes of other users and for those
   * that have ended.
   */
  private static String link(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean hasProc() {
    return Files.isSymbolicLink(PROC.resolve("self/cwd"));
  }

  /**
   * Ends every process at once, the postmaster first, so that it starts no new ones, and waits
   * until none is left.
   */
  void kill(Duration limit) {
    postmaster().ifPresent(postmaster -> signal("STOP", List.of(postmaster)));
    List<ProcessHandle> known = all();
    postmaster().ifPresent(ProcessHandle::destroyForcibly);
    known.forEach(ProcessHandle::destroyForcibly);
    Set<ProcessHandle> seen = new HashSet<>(known);
    if (!Await.until(() -> killRemaining(seen), limit)) {
      throw new TestkitException("processes of " + data + " outlive SIGKILL: " + all());
    }
  }

  private boolean killRemaining(Set<ProcessHandle> seen) {
    List<ProcessHandle> remaining = all();
    remaining.forEach(ProcessHandle::destroyForcibly);
    seen.addAll(remaining);
    return remaining.isEmpty() && seen.stream().noneMatch(ServerProcesses::holdsMemory);
  }

  /**
   * Whether a process that was killed may still hold the shared memory, for which a new postmaster
   * does not wait. The kernel forgets its program before it has taken its memory away.
   */
  private static boolean holdsMemory(ProcessHandle process) {
    if (!hasProc() || !process.isAlive()) {
      return false;
    }
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(process.pid())).resolve("stat"));
      return "ZX".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Stops every process where it is, the postmaster first, so that it starts no new ones. */
  void suspend() {
    postmaster().ifPresent(postmaster -> signal("STOP", List.of(postmaster)));
    Set<ProcessHandle> suspended = new HashSet<>();
    for (List<ProcessHandle> others = all(); !suspended.containsAll(others); others = all()) {
      signal("STOP", others);
      suspended.addAll(others);
    }
  }

  /** Lets every process go on. */
  void resume() {
    List<ProcessHandle> processes = all();
    if (!processes.isEmpty()) {
      signal("CONT", processes);
    }
  }

  /** Asks the postmaster for a fast shutdown: transactions under way are rolled back. */
  void interrupt() {
    postmaster().ifPresent(postmaster -> signal("INT", List.of(postmaster)));
  }

  /**
   * Sends a signal. A process that ended meanwhile is none of the caller's concern, so the status
   * is not looked at.
   */
  private static void signal(String name, List<ProcessHandle> processes) {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$0\" \"$@\"", name));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    Command.run(command);
  }
}
