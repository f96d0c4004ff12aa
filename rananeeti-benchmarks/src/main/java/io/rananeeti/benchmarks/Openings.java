package io.rananeeti.benchmarks;

import io.rananeeti.DataPlatform;
import io.rananeeti.Durability;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.InMemoryStore;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long it takes to open a log in which transactions wait, and how much heap. A process writes
 * them, forces them, and dies without closing; others open the log, and the whole platform with its
 * database down, in {@value #HEAP}.
 */
final class Openings {

  private static final String HEAP = "-Xmx200m";
  private static final int FORCED_TOGETHER = 1_000;
  private static final int FILLING = 180;
  private static final double MEBIBYTE = 1 << 20;

  private Openings() {}

  /**
   * Measures both storages.
   *
   * @param arguments how many entries wait, default a million; the directory, default the working
   *     one
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int entries = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    Path in = Path.of(arguments.length > 1 ? arguments[1] : "").toAbsolutePath();
    measure(List.of(Kind.FILE, Kind.CHRONICLE), entries, in);
  }

  static void measure(List<Kind> kinds, int entries, Path in)
      throws IOException, InterruptedException {
    for (Kind kind : kinds) {
      Path directory = Directories.make(in);
      try {
        child("-Xmx1g", "write", kind, directory, entries);
        child(HEAP, "log", kind, directory, entries);
        child(HEAP, "platform", kind, directory, entries);
      } finally {
        Directories.delete(directory);
      }
    }
  }

  private static void child(String heap, String what, Kind kind, Path directory, int entries)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.removeIf(argument -> argument.startsWith("-javaagent"));
    command.addAll(
        List.of(
            heap,
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            what,
            kind.name(),
            directory.toString(),
            String.valueOf(entries)));
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("%s of %s ended with %d".formatted(what, kind, status));
    }
  }

  /** One of the processes. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      Kind kind = Kind.valueOf(arguments[1]);
      Path directory = Path.of(arguments[2]);
      int entries = Integer.parseInt(arguments[3]);
      switch (arguments[0]) {
        case "write" -> write(kind, directory, entries);
        case "log" -> openLog(kind, directory, entries);
        case "platform" -> openPlatform(kind, directory, entries);
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }

    private static void write(Kind kind, Path directory, int entries) {
      TransactionLog log = WholeLog.open(directory, kind.storage(), Durability.FORCE);
      for (int number = 1; number <= entries; number++) {
        long sequence = log.append(Entries.accepted(number, FILLING));
        if (number % FORCED_TOGETHER == 0 || number == entries) {
          log.acknowledge(sequence);
        }
      }
      Runtime.getRuntime().halt(0);
    }

    private static void openLog(Kind kind, Path directory, int entries) {
      long start = System.nanoTime();
      try (TransactionLog log = WholeLog.open(directory, kind.storage(), Durability.FORCE)) {
        print(System.out, "log", kind, log.forced() - 2, start);
        check(log.forced() >= entries, log.forced());
      }
    }

    private static void openPlatform(Kind kind, Path directory, int entries) {
      InMemoryDatabase database = new InMemoryDatabase(Seams.system());
      database.faults().unreachable(true);
      long start = System.nanoTime();
      try (DataPlatform platform =
          DataPlatform.builder("opening")
              .store(new InMemoryStore(Entries.STORE, database))
              .log(directory)
              .logStorage(kind.storage())
              .open()) {
        long waiting = backlog(platform);
        print(System.out, "platform", kind, waiting, start);
        check(waiting == entries, waiting);
      }
    }

    private static long backlog(DataPlatform platform) {
      return platform.health().stores().values().iterator().next().backlog();
    }

    private static void print(PrintStream out, String what, Kind kind, long waiting, long start) {
      double millis = (System.nanoTime() - start) / 1e6;
      double peak = peak() / MEBIBYTE;
      System.gc();
      double live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEBIBYTE;
      out.printf(
          "%-9s %-8s %,d waiting: %.0f ms, %.1f MiB of heap live, at most %.0f MiB taken of %s%n",
          kind, what, waiting, millis, live, peak, HEAP);
    }

    /** The peaks of the heap's parts together: at least the peak of the whole. */
    private static long peak() {
      return ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .map(MemoryPoolMXBean::getPeakUsage)
          .mapToLong(usage -> usage.getUsed())
          .sum();
    }

    private static void check(boolean holds, long found) {
      if (!holds) {
        throw new IllegalStateException("not all that was written waits, found=" + found);
      }
    }
  }
}
