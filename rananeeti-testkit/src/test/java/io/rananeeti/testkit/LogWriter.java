package io.rananeeti.testkit;

import io.rananeeti.Durability;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program that appends to a log with several threads, and prints each number and the sequence it
 * was acknowledged with, one line a number, after that. It goes on until it is killed or the log
 * refuses; then it says so, and does what it is told by a line:
 *
 * <ul>
 *   <li>{@code write n}: so many more, one by one;
 *   <li>{@code document}: leaves half a document behind the last one, and says {@code half};
 *   <li>{@code end}: ends at once, without closing anything.
 * </ul>
 *
 * <p>Arguments: storage, directory, durability, first number, threads, entries a thread (0 for no
 * end), largest entry.
 */
final class LogWriter {

  private static final int TRIES_AFTER_THE_END = 5;

  private final StorageKind kind;
  private final Path directory;
  private final AtomicLong number;
  private final int largest;
  private final PrintStream out =
      new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.US_ASCII);

  private LogWriter(StorageKind kind, Path directory, long firstNumber, int largest) {
    this.kind = kind;
    this.directory = directory;
    this.number = new AtomicLong(firstNumber);
    this.largest = largest;
  }

  public static void main(String[] arguments) throws Exception {
    LogWriter writer =
        new LogWriter(
            StorageKind.valueOf(arguments[0]),
            Path.of(arguments[1]),
            Long.parseLong(arguments[3]),
            Integer.parseInt(arguments[6]));
    writer.run(
        Durability.valueOf(arguments[2]),
        Integer.parseInt(arguments[4]),
        Integer.parseInt(arguments[5]));
  }

  private void run(Durability durability, int threads, int each) throws Exception {
    loadClasses();
    long start = System.nanoTime();
    DurableLog log;
    try {
      log = kind.open(directory, durability, Seams.system());
    } catch (RananeetiException refused) {
      say("refused " + refused);
      return;
    }
    if (writeOne(log)) {
      say("first append after ms " + (System.nanoTime() - start) / 1_000_000);
    }
    List<Seams.Running> others = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      others.add(Seams.system().start("writer-" + i, () -> writeMany(log, each)));
    }
    for (Seams.Running other : others) {
      other.join(Deadline.NEVER);
    }
    say("waiting");
    obey(log);
  }

  /** So that what is timed is the log, not the JVM. */
  private void loadClasses() throws IOException {
    Path scratch = Files.createTempDirectory("rananeeti-scratch-");
    try (DurableLog log = kind.open(scratch)) {
      log.force(log.append(Written.record(1, 1)));
    } finally {
      PrivateDirectory.delete(scratch);
    }
  }

  private void obey(DurableLog log) throws IOException {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      if (order.equals("document")) {
        HalfDocument.leave(kind, directory);
        say("half");
      } else if (order.startsWith("write ")) {
        writeMany(log, Integer.parseInt(order.substring("write ".length())));
        say("waiting");
      } else {
        Runtime.getRuntime().halt(0);
      }
    }
  }

  private void writeMany(DurableLog log, int count) {
    int written = 0;
    while ((count == 0 || written < count) && writeOne(log)) {
      written++;
    }
  }

  private boolean writeOne(DurableLog log) {
    long mine = number.incrementAndGet();
    int size = mine % 3 == 0 ? (int) (mine * 7_919 % largest) : (int) (mine % 500);
    try {
      long sequence = log.append(Written.record(mine, size));
      log.acknowledge(sequence);
      say(mine + " " + sequence);
      return true;
    } catch (LogFullException full) {
      say("full " + full.getMessage());
    } catch (LogFailedException ended) {
      say("ended " + ended.getMessage());
      tryAgainAfterTheEnd(log);
    } catch (RuntimeException | Error unexpected) {
      say("unexpected " + unexpected);
      unexpected.printStackTrace();
    }
    return false;
  }

  /** Nothing may be acknowledged any more, in any thread. */
  private void tryAgainAfterTheEnd(DurableLog log) {
    long forced = log.forced();
    for (int i = 0; i < TRIES_AFTER_THE_END; i++) {
      try {
        log.force(log.append(Written.record(number.incrementAndGet(), 1)));
        say("acknowledged after the end");
      } catch (LogFailedException stillEnded) {
        Objects.requireNonNull(stillEnded.getMessage());
      }
    }
    say(log.forced() == forced && !log.takesEntries() ? "stays ended" : "goes on after the end");
  }

  private void say(String line) {
    synchronized (out) {
      out.print(line.replace('\n', ' ') + "\n");
      out.flush();
    }
  }
}
