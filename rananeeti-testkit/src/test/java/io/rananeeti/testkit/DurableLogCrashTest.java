package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Power cuts at random moments, several in a row, under several threads. */
final class DurableLogCrashTest {

  private static final int THREADS = 4;
  private static final int CRASHES = 3;

  private final SimulatedDisk disk = new SimulatedDisk();
  private final Map<Long, Long> appended = new ConcurrentHashMap<>();
  private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
  private final AtomicLong number = new AtomicLong();

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogCrashTest() {}

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Boolean.getBoolean("rananeeti.test.full") ? 5_000 : 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void losesNothingThatWasForcedAndInventsNothing(long seed) throws Exception {
    Random random = new Random(seed);
    ManualSeams seams = new ManualSeams(seed);

    for (int crash = 0; crash < CRASHES; crash++) {
      DurableLog log = open(seams);
      runUntilCrash(log, seams, random);
      log.close();
      verifyAfterReopening(seams, "seed=%d crash=%d".formatted(seed, crash));
      disk.kill();
    }

    assertThat(seams.failures()).as("seed=%d", seed).isEmpty();
  }

  private void runUntilCrash(DurableLog log, ManualSeams seams, Random random) throws Exception {
    List<Seams.Running> running = new ArrayList<>();
    disk.slowForces(random.nextBoolean());
    disk.crashInStep(1 + random.nextInt(200), new Random(random.nextLong()));
    for (int i = 0; i < THREADS; i++) {
      Random choice = new Random(random.nextLong());
      running.add(seams.start("writer-" + i, () -> writeUntilItEnds(log, choice)));
    }
    for (Seams.Running writer : running) {
      assertThat(writer.join(Deadline.NEVER)).isTrue();
    }
  }

  private void writeUntilItEnds(TransactionLog log, Random random) {
    try {
      while (true) {
        long mine = number.incrementAndGet();
        long sequence = log.append(TransactionLogContract.mark(mine));
        appended.put(mine, sequence);
        if (random.nextBoolean()) {
          log.force(sequence);
          acknowledged.put(mine, sequence);
        }
      }
    } catch (RananeetiException end) {
      assertThat(end).isInstanceOfAny(LogFailedException.class, LogFullException.class);
    }
  }

  private void verifyAfterReopening(ManualSeams seams, String seed) {
    try (DurableLog log = open(seams)) {
      List<LogEntry> entries = TransactionLogContract.entries(log, 1);
      Map<Long, Long> read = new ConcurrentHashMap<>();
      long expected = 1;
      for (LogEntry entry : entries) {
        assertThat(entry.sequence()).as(seed).isEqualTo(expected++);
        if (entry.record() instanceof LogRecord.Mark mark) {
          assertThat(read.put(mark.id().number(), entry.sequence())).as(seed).isNull();
        }
      }
      assertThat(read).as(seed).containsAllEntriesOf(acknowledged);
      assertThat(number.get()).as(seed).isGreaterThanOrEqualTo(read.size());
      appended.keySet().retainAll(read.keySet());
      assertThat(read).as(seed).containsAllEntriesOf(appended);
      long probe = number.incrementAndGet();
      acknowledged.put(probe, log.append(TransactionLogContract.mark(probe)));
    }
  }

  private DurableLog open(ManualSeams seams) {
    return DurableLog.open(
        directory, disk, LogOptions.within(new LogLimits(1L << 40, 0)), seams, "crash");
  }
}
