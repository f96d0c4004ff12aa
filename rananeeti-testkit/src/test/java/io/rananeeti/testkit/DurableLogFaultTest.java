package io.rananeeti.testkit;

import static io.rananeeti.testkit.TransactionLogContract.entries;
import static io.rananeeti.testkit.TransactionLogContract.mark;
import static io.rananeeti.testkit.TransactionLogContract.transaction;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.Durability;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableLogFaultTest {

  private static final LogLimits UNLIMITED = new LogLimits(1L << 40, 0);

  private final SimulatedDisk disk = new SimulatedDisk();
  private final ManualSeams seams = new ManualSeams(1);

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogFaultTest() {}

  @Test
  void endsForGoodWhenAForceFails() {
    try (DurableLog log = open()) {
      long sequence = log.append(mark(1));
      disk.failForces(true);
      assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.force(sequence));
      disk.failForces(false);

      assertThat(log.takesEntries()).isFalse();
      assertThat(log.warnings()).singleElement().asString().contains("a force of the log failed");
      assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(mark(2)));
      assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.force(sequence));
      assertThat(log.forced()).isEqualTo(1);
      log.force(1);
    }
    try (DurableLog log = open()) {
      assertThat(log.takesEntries()).isTrue();
    }
  }

  @Test
  void writesAgainWhatAForceThatFailedHasLeftInMemory() {
    try (DurableLog log = open()) {
      long sequence = log.append(mark(1));
      disk.failForces(true);
      assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.force(sequence));
      disk.failForces(false);
      disk.kill();
    }
    try (DurableLog log = open()) {
      assertThat(entries(log, 2)).first().extracting(LogEntry::record).isEqualTo(mark(1));
      log.force(log.append(mark(2)));
      for (int seed = 1; seed <= 20; seed++) {
        disk.crash(new Random(seed));
      }
    }
    try (DurableLog log = open()) {
      assertThat(entries(log, 2)).extracting(LogEntry::record).contains(mark(1), mark(2));
    }
  }

  @Test
  void endsForGoodWhenAForcedEntryIsNotWhatWasWritten() {
    try (DurableLog log = open()) {
      long sequence = log.append(mark(1));
      disk.corrupt(1, 8 * 30);

      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> log.force(sequence))
          .withStackTraceContaining("entry 2 was forced and is not on disk as it was written");

      assertThat(log.forced()).isEqualTo(1);
      assertThat(log.takesEntries()).isFalse();
    }
  }

  @Test
  void refusesToStartWhenItsFirstEntriesAreGoneThoughNothingWasReleased() {
    writeFiveForcedOnesAndOneMore();
    disk.lose(0);

    assertRefusesNaming("missing=1;");
  }

  @Test
  void refusesToStartWhenItsLastEntryIsGone() {
    writeFiveForcedOnesAndOneMore();
    disk.lose(6);

    assertRefusesNaming("missing=7;");
  }

  @Test
  void findsItsIdAgainInItsProof() throws IOException {
    UUID id;
    try (DurableLog log = open()) {
      id = log.id();
    }
    Path file = directory.resolve("log-id");
    byte[] bytes = Files.readAllBytes(file);
    for (int flipped = 0; flipped < bytes.length; flipped++) {
      byte[] damaged = bytes.clone();
      damaged[flipped] ^= 1;
      Files.write(file, damaged);
      try (DurableLog log = open()) {
        assertThat(log.id()).isEqualTo(id);
      }
    }
  }

  @Test
  void suspectsNoDamageAfterAFirstOpenThatWasCutShort() {
    disk.failForces(true);
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(this::open);
    disk.failForces(false);
    disk.kill();

    try (DurableLog log = open()) {
      assertThat(log.warnings()).isEmpty();
    }
  }

  @Test
  void isNotClosedUnderAForceInAnotherThread() throws InterruptedException {
    HeldStorage held = new HeldStorage();
    DurableLog log =
        DurableLog.open(
            directory, at -> held.over(disk.open(at)), LogOptions.within(UNLIMITED), seams, "test");
    long sequence = log.append(mark(1));
    held.hold();
    Thread forces = new Thread(() -> log.force(sequence), "forces");
    forces.start();
    held.awaitForce();
    held.failAppends();
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(mark(2)));

    Thread closes = new Thread(log::close, "closes");
    closes.start();
    while (closes.getState() != Thread.State.WAITING && closes.isAlive()) {
      Thread.onSpinWait();
    }
    held.letGo();
    forces.join();
    closes.join();

    assertThat(held.closedUnderAForce()).isFalse();
    assertThat(log.forced()).isEqualTo(sequence);
  }

  @Test
  void acknowledgesWithoutAForceWhereOnlyTheProcessMayDie() {
    LogOptions process = new LogOptions(UNLIMITED, Durability.PROCESS, false);
    try (DurableLog log = DurableLog.open(directory, disk, process, seams, "test")) {
      int forces = disk.forces();
      long sequence = log.append(mark(1));
      log.acknowledge(sequence);

      assertThat(disk.forces()).isEqualTo(forces);
      assertThat(log.forced()).isEqualTo(sequence);
      assertThat(entries(log, 2)).hasSize(1);
      log.force(sequence);
      assertThat(disk.forces()).isEqualTo(forces + 1);
      log.acknowledge(log.append(mark(2)));
      disk.crash(new Random(4));
    }
    try (DurableLog log = open()) {
      assertThat(entries(log, 2)).first().extracting(LogEntry::record).isEqualTo(mark(1));
      assertThat(log.takesEntries()).isTrue();
    }
  }

  @Test
  void endsForGoodWhenTheMappingFailsUnderAnAppend() {
    try (DurableLog log = open()) {
      disk.failAppends(true);
      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> log.append(mark(1)))
          .withCauseInstanceOf(InternalError.class);
      disk.failAppends(false);

      assertThat(log.takesEntries()).isFalse();
      assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(mark(2)));
    }
  }

  @Test
  void refusesOnAFullDiskAndGoesOnOnceThereIsSpace() {
    try (DurableLog log = open()) {
      long first = log.append(accepted(1));
      disk.resize(1);
      assertThatExceptionOfType(LogFullException.class).isThrownBy(() -> log.append(accepted(2)));
      log.force(first);
      assertThat(log.forced()).isEqualTo(first);
      assertThat(log.takesEntries()).isFalse();
      assertThat(log.warnings()).singleElement().asString().contains("no space");

      disk.resize(1 << 20);

      assertThat(log.takesEntries()).isTrue();
      assertThat(log.warnings()).isEmpty();
      assertThat(log.append(accepted(3))).isEqualTo(first + 1);
    }
    try (DurableLog log = open()) {
      assertThat(entries(log, 2)).extracting(LogEntry::record).startsWith(accepted(1), accepted(3));
    }
  }

  @Test
  void refusesTransactionsBeforeTheDiskIsFullAndStillTakesMarks() {
    disk.resize(10_000);
    try (DurableLog log = open(new LogLimits(1L << 40, 5_000))) {
      fillUntilRefused(log);

      assertThat(log.takesEntries()).isFalse();
      assertThat(log.warnings()).singleElement().asString().contains("freeFloor=5000");
      log.force(log.append(mark(1)));

      disk.resize(100_000);
      assertThat(log.takesEntries()).isTrue();
      log.append(accepted(2));
    }
  }

  @Test
  void refusesTransactionsBeyondItsOwnLimitUntilSomethingIsReleased() {
    try (DurableLog log = open(new LogLimits(100_000, 0))) {
      fillUntilRefused(log);
      assertThat(log.warnings()).singleElement().asString().contains("maxBytes=100000");
      long last = log.append(mark(1));
      log.force(last);

      log.release(last);

      assertThat(log.takesEntries()).isTrue();
      log.append(accepted(2));
    }
  }

  @Test
  void cutsATornTailThatWasNeverAcknowledged() {
    try (DurableLog log = open()) {
      log.force(log.append(mark(1)));
      log.append(mark(2));
      log.append(mark(3));
      disk.kill();
    }
    disk.tear(3, 20);

    try (DurableLog log = open()) {
      assertThat(entries(log, 3)).extracting(LogEntry::record).startsWith(mark(2)).hasSize(2);
      assertThat(log.append(mark(4))).isEqualTo(5);
      assertThat(disk.keptAside()).isEqualTo(1);
    }
  }

  @Test
  void cutsAHoleThatWasNeverAcknowledgedWithWhatLiesBehindIt() {
    try (DurableLog log = open()) {
      log.force(log.append(mark(1)));
      log.append(mark(2));
      log.append(mark(3));
      disk.kill();
    }
    disk.lose(2);

    try (DurableLog log = open()) {
      assertThat(entries(log, 2)).extracting(LogEntry::record).startsWith(mark(1)).hasSize(2);
      assertThat(log.append(mark(4))).isEqualTo(4);
    }
  }

  @Test
  void startsAgainAfterPowerCutsDuringTheOpenThatFollowsAKill() {
    for (int seed = 1; seed <= 300; seed++) {
      DurableLog log = open();
      long first = log.forced();
      for (int number = 0; number < 5; number++) {
        log.append(mark(number + 1));
      }
      disk.kill();
      log.close();
      disk.crashInStep(1 + seed % 7, new Random(seed));
      openUnderAPowerCut();
      disk.kill();

      try (DurableLog reopened = open()) {
        assertThat(entries(reopened, 1))
            .as("seed=%d", seed)
            .hasSizeGreaterThan((int) first)
            .extracting(LogEntry::sequence)
            .isSorted();
      }
    }
  }

  @Test
  void refusesToStartWhenAnAcknowledgedEntryIsGone() {
    writeFiveForcedOnesAndOneMore();
    disk.lose(2);

    assertRefusesNaming("missing=3 (entries from 4 to 7");
  }

  @Test
  void refusesToStartWhenAnAcknowledgedEntryIsDamaged() {
    writeFiveForcedOnesAndOneMore();
    disk.corrupt(3, 8 * 30);

    assertRefusesNaming("missing=4 (entries from 5 to 7");
  }

  @Test
  void refusesToStartWhenTheFirstEntryIsDamaged() {
    writeFiveForcedOnesAndOneMore();
    disk.corrupt(0, 3);

    assertRefusesNaming("missing=1 (entries from 2 to 7");
  }

  @Test
  void noticesEveryFlippedBitOfAnAcknowledgedEntry() {
    writeFiveForcedOnesAndOneMore();
    Random random = new Random(3);

    for (int round = 0; round < 200; round++) {
      int entry = random.nextInt(6);
      int bit = random.nextInt(8 * 60);
      disk.corrupt(entry, bit);
      assertRefusesNaming("missing=" + (entry + 1) + " (entries from ");
      disk.corrupt(entry, bit);
    }
    open().close();
  }

  @Test
  void refusesFilesOfAnotherLog(@TempDir Path other) throws IOException {
    writeFiveForcedOnesAndOneMore();
    Files.createDirectories(other);

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> DurableLog.open(other, disk, LogOptions.within(UNLIMITED), seams, "test"))
        .withMessageContaining("no log-id that can be read");
  }

  @Test
  void isPrivateToItsUser() throws IOException {
    Path nested = directory.resolve("a/b");
    try (DurableLog log =
        DurableLog.open(nested, disk, LogOptions.within(UNLIMITED), seams, "test")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(nested)))
          .isEqualTo("rwx------");
      for (String file : new String[] {"lock", "log-id"}) {
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(nested.resolve(file))))
            .isEqualTo("rw-------");
      }
      assertThat(Files.readString(nested.resolve("log-id")).strip())
          .startsWith(log.id().toString() + " ");
    }
  }

  @Test
  void measuresTheDiskAgainAfterASecond() {
    disk.resize(1_000_000);
    try (DurableLog log = open(new LogLimits(1L << 40, 500_000))) {
      log.append(accepted(1));
      disk.resize(400_000);
      seams.tick(Duration.ofSeconds(1));

      assertThat(log.takesEntries()).isFalse();
    }
  }

  private void openUnderAPowerCut() {
    try {
      open().close();
    } catch (LogFailedException | LogFullException cut) {
      assertThat(cut).hasRootCauseInstanceOf(IOException.class);
    }
  }

  private void writeFiveForcedOnesAndOneMore() {
    try (DurableLog log = open()) {
      for (int number = 1; number <= 5; number++) {
        log.force(log.append(mark(number)));
      }
      log.append(mark(6));
    }
  }

  private void assertRefusesNaming(String sequences) {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(this::open)
        .withMessageContaining("refuses to start")
        .withMessageContaining(sequences);
  }

  private void fillUntilRefused(DurableLog log) {
    assertThatExceptionOfType(LogFullException.class)
        .isThrownBy(
            () -> {
              for (int number = 1; number < 100_000; number++) {
                log.append(accepted(number));
                seams.tick(Duration.ofSeconds(1));
              }
            });
  }

  private static LogRecord accepted(long number) {
    return new LogRecord.Accepted(transaction(number, "tea"), false);
  }

  private DurableLog open() {
    return open(UNLIMITED);
  }

  private DurableLog open(LogLimits limits) {
    return DurableLog.open(directory, disk, LogOptions.within(limits), seams, "test");
  }
}
