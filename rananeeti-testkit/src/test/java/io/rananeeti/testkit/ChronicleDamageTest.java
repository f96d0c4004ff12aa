package io.rananeeti.testkit;

import static io.rananeeti.testkit.TransactionLogContract.entries;
import static io.rananeeti.testkit.TransactionLogContract.mark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage done to the queue's files between two opens. */
final class ChronicleDamageTest {

  private static final int HEADER = 4;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  ChronicleDamageTest() {}

  @Test
  void refusesToStartWhenAnAcknowledgedEntryWasOverwrittenByZeros() throws IOException {
    writeMarked(10);
    long offset = offsetOf("note-4");
    zero(offset, 6);

    assertRefuses();
  }

  @Test
  void refusesToStartBehindAHoleInTheQueueWithAcknowledgedEntriesBehindIt() throws IOException {
    writeMarked(200);
    long offset = offsetOf("note-50");
    zero(offset - 200, 4_096);

    assertRefuses();
  }

  @Test
  void refusesToStartWhenALengthInTheQueueWasDamaged() throws IOException {
    writeMarked(10);
    long frame = offsetOf("RLF1");
    write(frame - HEADER, new byte[] {(byte) 0xFF, 1, 0, 0});

    assertRefuses();
  }

  @Test
  void cutsBytesBehindTheEndAndKeepsThemAside() throws IOException {
    writeMarked(3);
    long end = Files.size(segment());
    write(end, new byte[] {0, 0, 0, 0, 9, 0, 0, 0, 'g', 'a', 'r', 'b', 'a', 'g', 'e'});

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(5);
    }
    try (Stream<Path> aside = Files.list(directory.resolve("chronicle/cut-off"))) {
      assertThat(aside).singleElement().satisfies(kept -> assertThat(kept).isNotEmptyFile());
    }
    assertThat(Files.size(segment())).isEqualTo(end);
  }

  @Test
  void startsBehindAnEmptyFileOfAProcessThatDiedWhileItMadeIt() throws IOException {
    writeMarked(3);
    Path segment = directory.resolve("chronicle/segment-0000000002");
    Files.createDirectory(segment);
    Files.createFile(segment.resolve("19700101-00F.cq4"));
    Files.createFile(segment.resolve("metadata.cq4t"));

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(5);
    }
  }

  @Test
  void givesBackTheSpaceReservedByAProcessThatWasKilled() throws IOException {
    writeMarked(3);
    Path segment = segment();
    long end = Files.size(segment);
    write(end, new byte[3_000_000]);
    Files.createFile(segment.resolveSibling("metadata.cq4t"));

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(5);
      assertThat(Files.size(segment)).isEqualTo(end);
    }
  }

  @Test
  void rollsOverManySegmentsAndReleasesThem() throws IOException {
    String large = "x".repeat(5_000_000);
    try (DurableLog log = open()) {
      for (int number = 1; number <= 40; number++) {
        log.append(
            new LogRecord.Accepted(TransactionLogContract.transaction(number, large), false));
      }
      log.force(41);
      assertThat(segments()).hasSizeGreaterThanOrEqualTo(4);
      log.release(41);
      assertThat(segments()).hasSize(1);
      assertThat(entries(log, 41)).hasSize(1);
    }

    try (DurableLog log = open()) {
      assertThat(log.append(mark(1))).isEqualTo(43);
      assertThat(entries(log, 1)).extracting(LogEntry::sequence).contains(41L, 42L);
    }
  }

  private void writeMarked(int count) {
    try (DurableLog log = open()) {
      for (int number = 1; number <= count; number++) {
        log.append(new LogRecord.Registered("note-" + number, new UUID(1, number)));
        log.force(number + 1);
      }
    }
  }

  private void assertRefuses() {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(this::open)
        .withMessageContaining("refuses to start");
  }

  private Path segment() throws IOException {
    return segments().get(0).resolve("19700101-00F.cq4");
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("chronicle"))) {
      return all.filter(path -> path.getFileName().toString().startsWith("segment-"))
          .sorted()
          .toList();
    }
  }

  private long offsetOf(String text) throws IOException {
    String bytes = new String(Files.readAllBytes(segment()), StandardCharsets.ISO_8859_1);
    int offset = bytes.indexOf(text);
    assertThat(offset).isPositive();
    return offset;
  }

  private void zero(long offset, int length) throws IOException {
    write(offset, new byte[length]);
  }

  private void write(long offset, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment().toFile(), "rw")) {
      file.seek(offset);
      file.write(bytes);
    }
  }

  private DurableLog open() {
    LogOptions limits = LogOptions.within(new LogLimits(1L << 40, 0));
    return DurableLog.open(directory, ChronicleStorage::open, limits, Seams.system(), "damage");
  }
}
