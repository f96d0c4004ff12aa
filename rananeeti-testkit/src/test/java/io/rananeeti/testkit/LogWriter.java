package io.rananeeti.testkit;

import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A program that appends to a log with several threads until it is killed, and prints each number
 * and the sequence it was acknowledged with, one line a number, after the force has returned.
 */
final class LogWriter {

  private static final int THREADS = 4;

  private LogWriter() {}

  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[0]);
    AtomicLong number = new AtomicLong(Long.parseLong(arguments[1]));
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.US_ASCII);
    long start = System.nanoTime();
    DurableLog log =
        DurableLog.open(
            directory,
            ChronicleStorage::open,
            LogOptions.within(new LogLimits(1L << 40, 0)),
            Seams.system(),
            "killed");
    log.force(log.append(TransactionLogContract.mark(number.incrementAndGet())));
    say(out, "first append after ms " + (System.nanoTime() - start) / 1_000_000);
    for (int i = 1; i < THREADS; i++) {
      Seams.system().start("writer-" + i, () -> write(log, number, out));
    }
    write(log, number, out);
  }

  private static void write(DurableLog log, AtomicLong number, PrintStream out) {
    while (true) {
      long mine = number.incrementAndGet();
      long sequence = log.append(TransactionLogContract.mark(mine));
      log.force(sequence);
      say(out, mine + " " + sequence);
    }
  }

  private static void say(PrintStream out, String line) {
    synchronized (out) {
      out.print(line + "\n");
      out.flush();
    }
  }
}
