package io.rananeeti.testkit;

import static io.rananeeti.testkit.TransactionLogContract.entries;
import static io.rananeeti.testkit.TransactionLogContract.mark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash, a hand or a disk leaves in segments, case by case. */
abstract class SegmentDamageContract {

  private static final int HEADER = 4;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  SegmentDamageContract() {}

  /** Of the storage under test. */
  protected abstract LogStorage.Factory factory();

  /** How it names the directory of its segments, the file of one, and its marker. */
  protected abstract List<String> names();

  @Test
  void refusesToStartWhenAnAcknowledgedEntryWasOverwrittenByZeros() throws IOException {
    writeMarked(10);
    long offset = offsetOf("note-4");
    zero(offset, 6);

    assertRefuses();
  }

  @Test
  void refusesToStartBehindAHoleWithAcknowledgedEntriesBehindIt() throws IOException {
    writeMarked(200);
    long offset = offsetOf("note-50");
    zero(offset - 200, 4_096);

    assertRefuses();
  }

  @Test
  void servesAllAlthoughALengthWasDamagedAndReachesFarIntoTheOthers() throws IOException {
    writeMarked(10);
    long frame = offsetOf("RLF1");
    write(frame - HEADER, new byte[] {(byte) 0xFF, 1, 0, 0});

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(12);
      assertThat(log.warnings()).anyMatch(said -> said.contains("with all its entries;"));
    }
  }

  @Test
  void cutsBytesBehindTheEndAndKeepsThemAside() throws IOException {
    writeMarked(3);
    long end = Files.size(segment());
    write(end, new byte[] {0, 0, 0, 0, 9, 0, 0, 0, 'g', 'a', 'r', 'b', 'a', 'g', 'e'});

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(5);
    }
    try (Stream<Path> aside = Files.list(directory.resolve(names().get(0)).resolve("cut-off"))) {
      assertThat(aside).singleElement().satisfies(kept -> assertThat(kept).isNotEmptyFile());
    }
    assertThat(Files.size(segment())).isEqualTo(end);
  }

  @Test
  void startsBehindAnEmptyFileOfAProcessThatDiedWhileItMadeIt() throws IOException {
    writeMarked(3);
    Path segment = directory.resolve(names().get(0)).resolve("segment-0000000002");
    Files.createDirectory(segment);
    Files.createFile(segment.resolve(names().get(1)));
    Files.createFile(segment.resolve(names().get(2)));

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
    Files.createFile(segment.resolveSibling(names().get(2)));

    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).hasSize(5);
      assertThat(Files.size(segment)).isEqualTo(end);
    }
  }

  @Test
  void saysInItsWarningsThatItWasCutAsLongAsItIsOpen() throws IOException {
    writeMarked(3);
    write(Files.size(segment()), new byte[] {1, 2, 3, 4, 5});

    try (DurableLog log = open()) {
      assertThat(log.warnings()).anyMatch(warning -> warning.contains("cut off behind entry 4"));
    }
    try (DurableLog log = open()) {
      assertThat(log.warnings()).noneMatch(warning -> warning.contains("cut off"));
    }
  }

  @Test
  void startsTwiceAfterItsProofWasLostBehindAReleasedBeginning() throws IOException {
    writeMarked(3);
    try (DurableLog log = open()) {
      log.release(5);
      log.force(log.append(mark(1)));
    }
    Files.delete(directory.resolve("proof"));

    try (DurableLog log = open()) {
      assertThat(log.warnings()).anyMatch(warning -> warning.contains("proof was missing"));
    }
    try (DurableLog log = open()) {
      assertThat(entries(log, 1)).first().extracting(LogEntry::sequence).isEqualTo(5L);
      assertThat(log.warnings()).noneMatch(warning -> warning.contains("proof"));
    }
  }

  @Test
  void namesAnEntryThatWasTakenForTheStoragesOwn() throws IOException {
    writeMarked(3);
    Files.delete(directory.resolve("proof"));
    List<Integer> frames = framesOf(segment());
    long last = frames.get(frames.size() - 1);
    write(last - 1, new byte[] {0x40});

    try (DurableLog log = open()) {
      assertThat(log.warnings()).anyMatch(warning -> warning.contains("behind entry 3"));
    }
  }

  @Test
  void losesNoZeroAtTheEndOfAnEntryWhenItRefusesToStart() throws IOException {
    writeMarked(3);
    byte[] whole = Files.readAllBytes(segment());
    write(whole.length, new byte[100]);
    Files.createFile(segment().resolveSibling(names().get(2)));
    long first = framesOf(segment()).get(0);
    write(first - HEADER, new byte[HEADER + 1]);

    assertRefuses();

    assertThat(Files.size(segment())).isEqualTo(whole.length + 100);
    assertThat(segment().resolveSibling(names().get(2))).exists();
  }

  @Test
  void keepsAsideAgainAfterAPersonTookSomeOfItAway() throws IOException {
    for (int time = 1; time <= 3; time++) {
      writeMarked(1);
      List<Path> all = segments();
      Path last = all.get(all.size() - 1).resolve(names().get(1));
      Files.write(last, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, StandardOpenOption.APPEND);
      open().close();
      if (time == 2) {
        Files.delete(aside().get(0));
      }
    }

    assertThat(aside()).hasSize(2).last().asString().contains("0003-");
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

  private List<Path> aside() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(names().get(0)).resolve("cut-off"))) {
      return all.sorted().toList();
    }
  }

  private static List<Integer> framesOf(Path file) throws IOException {
    return LogFrames.in(Files.readAllBytes(file));
  }

  private Path segment() throws IOException {
    return segments().get(0).resolve(names().get(1));
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(names().get(0)))) {
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
    return DurableLog.open(directory, factory(), limits, Seams.system(), "damage");
  }
}
