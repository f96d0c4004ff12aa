package io.rananeeti.testkit;

import static io.rananeeti.testkit.TransactionLogContract.entries;
import static io.rananeeti.testkit.TransactionLogContract.mark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.DataPlatform;
import io.rananeeti.Durability;
import io.rananeeti.LogStorageType;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one does about a log that refuses to start, when there is no copy of it. */
final class LogSalvageTest {

  private static final String SETTING = "rananeeti.accept-log-loss";
  private static final LogLimits UNLIMITED = new LogLimits(1L << 40, 0);

  @TempDir private Path directory;

  private final List<LogEntry> written = new ArrayList<>();
  private final InMemoryDatabase database = new InMemoryDatabase(Seams.system());
  private Path log = Path.of("");

  @SuppressWarnings("NullAway.Init")
  LogSalvageTest() {}

  @BeforeEach
  void makeALog() {
    log = directory.resolve("log");
    for (int process = 1; process <= 3; process++) {
      try (DurableLog opened = open(null)) {
        for (int number = 1; number <= 4; number++) {
          opened.force(opened.append(mark(number)));
        }
        written.clear();
        written.addAll(entries(opened, 1));
      }
    }
  }

  @Test
  void goesOnWithoutWhatWasNamedAndWithAllElse() throws IOException {
    damage(2, 3);

    assertRefuses("6-10");
    try (DurableLog opened = open("6-10")) {
      List<LogEntry> served = entries(opened, 1);
      assertThat(served.subList(0, 5)).isEqualTo(written.subList(0, 5));
      assertThat(served.subList(5, 10))
          .extracting(LogEntry::record)
          .allMatch(record -> record instanceof LogRecord.Lost);
      assertThat(served.subList(10, 15)).isEqualTo(written.subList(10, 15));
      assertThat(opened.append(mark(1))).isEqualTo(17);
    }
    try (DurableLog opened = open(null)) {
      assertThat(entries(opened, 1)).hasSize(18);
    }
    assertThat(log.resolve("before-repair/0001-file")).isDirectory();
  }

  @Test
  void namesEachGapByItself() throws IOException {
    damage(1, 3);
    damage(3, 2);

    assertRefuses("1-5,11-15");
    open("1-5, 11-15").close();
  }

  @Test
  void changesNothingWhenSomethingElseIsNamed() throws IOException {
    damage(2, 3);
    LogImage before = LogImage.of(log);

    for (String other : List.of("6-9", "6-11", "1-15", "6", "", "all")) {
      assertRefuses("6-10", other);
      assertThat(before.differences(LogImage.of(log))).isSubsetOf("lock");
    }
  }

  @Test
  void doesNothingWhenTheSettingWasLeftBehind() throws IOException {
    damage(2, 3);
    open("6-10").close();
    LogImage before = LogImage.of(log);

    open("6-10").close();
    assertThat(log.resolve("before-repair/0002-file")).doesNotExist();
    assertThat(entriesOf(LogImage.of(log))).isEqualTo(entriesOf(before) + 1);
  }

  @Test
  void canLoseTwice() throws IOException {
    damage(2, 3);
    open("6-10").close();
    damage(1, 3);

    String missing = missing();
    assertThat(missing).startsWith("1-").endsWith("15");
    open(missing).close();

    assertThat(log.resolve("before-repair/0002-file")).isDirectory();
    try (DurableLog opened = open(null)) {
      assertThat(entries(opened, 1))
          .filteredOn(e -> e.record() instanceof LogRecord.Lost)
          .hasSize(15);
    }
  }

  @Test
  void survivesACrashBeforeTheDecision() throws IOException {
    damage(2, 3);
    LogImage draft = LogImage.of(salvaged().resolve("file"));
    draft.writeTo(Files.createDirectories(log.resolve("salvaged.new/file")));

    assertRefuses("6-10");
    open("6-10").close();
    assertThat(log.resolve("salvaged.new")).doesNotExist();
  }

  @Test
  void endsAfterACrashWhatWasDecided() throws IOException {
    damage(2, 3);
    Path ready = log.resolve("salvaged/file");
    Path aside = Files.createDirectories(log.resolve("before-repair"));
    LogImage salvaged = LogImage.of(salvaged().resolve("file"));
    LogImage decided = LogImage.of(log);

    salvaged.writeTo(Files.createDirectories(ready));
    assertServesTheRest();

    decided.writeTo(log);
    salvaged.writeTo(Files.createDirectories(ready));
    Files.createDirectories(aside);
    Files.move(log.resolve("file"), aside.resolve("0001-file"));
    assertServesTheRest();

    decided.writeTo(log);
    Files.createDirectories(aside);
    Files.move(log.resolve("file"), aside.resolve("0001-file"));
    salvaged.writeTo(Files.createDirectories(log.resolve("file")));
    Files.createDirectories(log.resolve("salvaged"));
    assertServesTheRest();
  }

  @Test
  void isAskedForByAPropertyAndSaidInHealthForAsLongAsTheLogHoldsIt() throws Exception {
    Path other = directory.resolve("other");
    database.faults().unreachable(true);
    for (int id = 1; id <= 3; id++) {
      try (DataPlatform platform = platform(other)) {
        order(platform, id, "tea");
      }
    }
    overwrite(other.resolve("file/segment-0000000002/documents"));
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> platform(other))
        .withMessageEndingWith("-D" + SETTING + "=3-4");

    accepting("3-4", () -> platform(other).close());
    try (DataPlatform platform = platform(other)) {
      assertThat(platform.health().stores().get("orders"))
          .satisfies(health -> assertThat(health.backlog()).isEqualTo(2))
          .satisfies(
              health ->
                  assertThat(health.alarms())
                      .anyMatch(alarm -> alarm.contains("2 of those from 3 to 4")));
    }
  }

  @Test
  void startsAlthoughTheTransactionOfADeadLetterIsLost() throws Exception {
    Path other = directory.resolve("other");
    database.createTable("orders");
    database.faults().refuse(row -> row.values().contains("poison"));
    database.faults().unreachable(true);
    try (DataPlatform platform = platform(other)) {
      order(platform, 1, "poison");
    }
    database.faults().unreachable(false);
    try (DataPlatform platform = platform(other)) {
      assertThat(platform.drain(Duration.ofSeconds(30))).isTrue();
      assertThat(platform.deadLetters().list()).hasSize(1);
    }
    overwrite(other.resolve("file/segment-0000000001/documents"));

    accepting("1-2", () -> platform(other).close());

    try (DataPlatform platform = platform(other)) {
      assertThat(platform.deadLetters().list()).isEmpty();
      assertThat(platform.health().stores().get("orders"))
          .satisfies(
              health ->
                  assertThat(health.alarms())
                      .anyMatch(alarm -> alarm.contains("2 of those from 1 to 2")));
      order(platform, 2, "tea");
    }
  }

  @Test
  void repairsByItselfAlthoughTheSettingWasLeftBehind() throws IOException {
    tearAHeader(2);

    try (DurableLog opened = open("3-7")) {
      assertThat(entries(opened, 1).subList(0, 15)).isEqualTo(written);
      assertThat(opened.warnings()).anyMatch(warning -> warning.contains("with all its entries"));
    }
  }

  @Test
  void aLengthThatReachesIntoTheNextEntriesHidesNoneOfThem() throws IOException {
    for (int longer : List.of(20, 60, 100, 140)) {
      LogImage before = LogImage.of(log);
      lengthen(2, longer);

      try (DurableLog opened = open(null)) {
        assertThat(entries(opened, 1).subList(0, 15)).as("+" + longer).isEqualTo(written);
        assertThat(opened.warnings()).anyMatch(said -> said.contains("with all its entries;"));
      }
      before.writeTo(log);
    }
  }

  @Test
  void whatWasNeverForcedAndLiesBehindAGapIsNamed() throws IOException {
    Path unforced = directory.resolve("unforced");
    LogImage image;
    try (DurableLog opened = openUnforced(unforced)) {
      for (int number = 2; number <= 9; number++) {
        opened.append(mark(number));
      }
      opened.acknowledge(9);
      image = LogImage.of(unforced);
    }
    image.writeTo(unforced);
    log = unforced;
    int second = lengthen(1, 1);
    try (RandomAccessFile documents =
        new RandomAccessFile(StorageKind.FILE.file(log, 1).toFile(), "rw")) {
      documents.seek(second + 12);
      documents.write(new byte[] {1, 2, 3});
    }

    try (DurableLog opened = openUnforced(unforced)) {
      assertThat(entries(opened, 1)).hasSize(2);
      assertThat(opened.warnings())
          .anyMatch(said -> said.contains("behind entry 1") && said.contains("from 3 to 9"));
    }
  }

  private DataPlatform platform(Path in) {
    return DataPlatform.builder("salvage")
        .store(new InMemoryStore("orders", database))
        .log(in)
        .logStorage(LogStorageType.FILE)
        .open();
  }

  private static void order(DataPlatform platform, int id, String item) throws SQLException {
    platform.inTransaction(
        connection -> {
          try (var statement = connection.createStatement()) {
            return statement.executeUpdate(
                "INSERT INTO orders (id, item) VALUES (%d, '%s')".formatted(id, item));
          }
        });
  }

  private static void accepting(String loss, Runnable action) {
    System.setProperty(SETTING, loss);
    try {
      action.run();
    } finally {
      System.clearProperty(SETTING);
    }
  }

  private void assertServesTheRest() {
    try (DurableLog opened = open(null)) {
      List<LogEntry> served = entries(opened, 1);
      assertThat(served.subList(10, 15)).isEqualTo(written.subList(10, 15));
      assertThat(served.subList(5, 10)).allMatch(entry -> entry.record() instanceof LogRecord.Lost);
    }
    assertThat(log.resolve("salvaged")).doesNotExist();
    assertThat(log.resolve("before-repair/0001-file/segment-0000000001")).isDirectory();
  }

  /** A copy of the log, salvaged. */
  private Path salvaged() throws IOException {
    Path copy = directory.resolve("copy");
    LogImage.of(log).writeTo(Files.createDirectories(copy));
    DurableLog.open(copy, FileStorage::open, options("6-10"), Seams.system(), "copy").close();
    return copy;
  }

  private String missing() {
    try {
      open(null).close();
      throw new AssertionError("nothing is missing");
    } catch (LogFailedException refusal) {
      String said = String.valueOf(refusal.getMessage());
      return said.substring(said.lastIndexOf('=') + 1);
    }
  }

  private void assertRefuses(String missing) {
    assertThat(missing()).isEqualTo(missing);
  }

  private void assertRefuses(String missing, String accepted) {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> open(accepted))
        .withMessageEndingWith("-D" + SETTING + "=" + missing);
  }

  /** Takes away what is in this segment of the three, in one of three ways. */
  private void damage(int segment, int way) throws IOException {
    Path file = StorageKind.FILE.file(log, segment);
    switch (way) {
      case 1 -> Files.write(file, new byte[0]);
      case 2 -> deleteSegment(file);
      default -> overwrite(file);
    }
  }

  /** Damages what the storage keeps before an entry of this segment; the entry stays whole. */
  /** Says that the first document is longer than it is; returns where the second one begins. */
  private int lengthen(int segment, int by) throws IOException {
    try (RandomAccessFile documents =
        new RandomAccessFile(StorageKind.FILE.file(log, segment).toFile(), "rw")) {
      int length = Integer.reverseBytes(documents.readInt());
      documents.seek(0);
      documents.writeInt(Integer.reverseBytes(length + by));
      return (4 + length + 3) & -4;
    }
  }

  private void tearAHeader(int segment) throws IOException {
    try (RandomAccessFile documents =
        new RandomAccessFile(StorageKind.FILE.file(log, segment).toFile(), "rw")) {
      int second = (4 + Integer.reverseBytes(documents.readInt()) + 3) & -4;
      documents.seek(second + 2);
      documents.write(0x40);
    }
  }

  private static void deleteSegment(Path file) throws IOException {
    Files.delete(file);
    Path segment = file.resolveSibling("");
    try (Stream<Path> left = Files.list(segment)) {
      for (Path path : left.toList()) {
        Files.delete(path);
      }
    }
    Files.delete(segment);
  }

  private static void overwrite(Path file) throws IOException {
    try (RandomAccessFile documents = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] garbage = new byte[(int) documents.length()];
      Arrays.fill(garbage, (byte) 0x5A);
      documents.write(garbage);
    }
  }

  private static int entriesOf(LogImage image) {
    return (int) image.names().stream().filter(name -> name.endsWith("/documents")).count();
  }

  private DurableLog open(@Nullable String acceptedLoss) {
    return DurableLog.open(log, FileStorage::open, options(acceptedLoss), Seams.system(), "test");
  }

  private static DurableLog openUnforced(Path directory) {
    LogOptions options = new LogOptions(UNLIMITED, Durability.PROCESS, false);
    return DurableLog.open(directory, FileStorage::open, options, Seams.system(), "test");
  }

  private static LogOptions options(@Nullable String acceptedLoss) {
    return new LogOptions(UNLIMITED, Durability.FORCE, false, acceptedLoss);
  }
}
