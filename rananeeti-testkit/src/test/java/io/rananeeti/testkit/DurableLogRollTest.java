package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Durability;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From one file of the log to the next. */
final class DurableLogRollTest {

  private static final int LARGE = 9_000_000;
  private static final int ROLLS = 3;

  /** How often a busy machine may make what is fast look slow. */
  private static final int OPENS = 60;

  private static final Duration WAIT_FOR_A_HEADER = Duration.ofSeconds(1);

  private final Written written = new Written();
  private long number;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogRollTest() {}

  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void goesOnWhenTheClockStepsBackAnHourAcrossIt(StorageKind kind) {
    SteppedClock clock = new SteppedClock();
    try (DurableLog log = kind.open(directory, Durability.FORCE, clock)) {
      write(log);
      for (int roll = 2; roll <= ROLLS; roll++) {
        clock.stepBack(Duration.ofHours(1));
        writeUntilItRolls(kind, log, roll);
        clock.stepBack(Duration.ofHours(1));
        write(log);
      }
    }

    clock.stepBack(Duration.ofDays(400));
    try (DurableLog log = kind.open(directory, Durability.FORCE, clock)) {
      write(log);
    }
    try (DurableLog log = kind.open(directory)) {
      assertThat(written.verify(log, "clock kind=" + kind)).isEqualTo((int) number);
    }
  }

  /** Chronicle Queue waits that long before an empty file. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void doesNotStandStillForASecond(StorageKind kind) {
    Duration fastest = Duration.ofDays(1);
    for (int open = 0; open < OPENS && fastest.compareTo(WAIT_FOR_A_HEADER) >= 0; open++) {
      long start = System.nanoTime();
      try (DurableLog log = kind.open(directory)) {
        write(log);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      fastest = took.compareTo(fastest) < 0 ? took : fastest;
    }

    assertThat(fastest).isLessThan(WAIT_FOR_A_HEADER);
  }

  private void writeUntilItRolls(StorageKind kind, DurableLog log, int segment) {
    while (Files.notExists(kind.file(directory, segment))) {
      write(log);
    }
  }

  private void write(DurableLog log) {
    number++;
    long sequence = log.append(Written.record(number, LARGE));
    log.acknowledge(sequence);
    written.acknowledged(number, sequence);
  }

  /** This machine's seams with a wall clock that is set by hand. */
  private static final class SteppedClock implements Seams {

    private final Seams real = Seams.system();
    private volatile Instant now = real.now();

    void stepBack(Duration step) {
      now = now.minus(step);
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public long nanoTime() {
      return real.nanoTime();
    }

    @Override
    public Waiter newWaiter() {
      return real.newWaiter();
    }

    @Override
    public Running start(String name, Runnable body) {
      return real.start(name, body);
    }

    @Override
    public RandomGenerator random() {
      return real.random();
    }
  }
}
