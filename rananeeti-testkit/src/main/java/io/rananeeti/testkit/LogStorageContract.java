package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.abort;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link LogStorage} must do. Extend it and give the storage under test. */
public abstract class LogStorageContract {

  /** Given by JUnit: private to one test. */
  @TempDir protected Path directory;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init")
  protected LogStorageContract() {}

  /** Opens the storage under test; a test opens it several times, one after the other. */
  protected abstract LogStorage.Factory factory();

  /** From now on the disk takes nothing more. Where that can't be done, tests of it are skipped. */
  protected void fill() {
    abort("a full disk can't be had here");
  }

  /** The disk that {@link #fill()} has filled takes something again. */
  protected void makeRoom() {}

  /**
   * Whether bytes that a truncation removed are still somewhere for a person to look at; looks into
   * the files of the directory unless overridden.
   */
  protected boolean isKeptAside(byte[] removed) throws IOException {
    String wanted = new String(removed, StandardCharsets.ISO_8859_1);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  final void isEmptyAtFirst() throws IOException {
    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  final void readsBackWhatWasForcedInOrderAfterReopening() throws IOException {
    List<String> written = new ArrayList<>();
    try (LogStorage storage = open()) {
      for (int i = 0; i < 200; i++) {
        written.add("entry " + i);
        append(storage, "entry " + i);
      }
      storage.force();
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).isEqualTo(written);
    }
  }

  @Test
  final void goesOnBehindWhatItHeldAfterReopening() throws IOException {
    for (int i = 0; i < 5; i++) {
      try (LogStorage storage = open()) {
        append(storage, "entry " + i);
        storage.force();
      }
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0))
          .containsExactly("entry 0", "entry 1", "entry 2", "entry 3", "entry 4");
    }
  }

  @Test
  final void givesPositionsThatGrowThroughAllOpens() throws IOException {
    List<Long> positions = new ArrayList<>();
    for (int open = 0; open < 3; open++) {
      try (LogStorage storage = open()) {
        positions.add(append(storage, "a"));
        positions.add(append(storage, "b"));
        storage.force();
      }
    }

    assertThat(positions).isSorted().doesNotHaveDuplicates().allMatch(position -> position > 0);
  }

  @Test
  final void readsFromThePositionThatAnAppendReturned() throws IOException {
    long position;
    try (LogStorage storage = open()) {
      append(storage, "before");
      position = append(storage, "from here");
      append(storage, "behind");
      storage.force();
    }

    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(position)) {
      assertThat(text(reader.next())).isEqualTo("from here");
      assertThat(reader.position()).isEqualTo(position);
      assertThat(text(reader.next())).isEqualTo("behind");
      assertThat(reader.position()).isGreaterThan(position);
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  final void readsFromThisPositionInTheProcessThatWroteIt() throws IOException {
    try (LogStorage storage = open()) {
      append(storage, "before");
      long position = append(storage, "from here");

      assertThat(readAll(storage, position)).containsExactly("from here");
    }
  }

  @Test
  final void showsAReaderAtTheEndWhatIsAppendedLater() throws IOException {
    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      assertThat(reader.next()).isNull();

      append(storage, "later");

      assertThat(text(reader.next())).isEqualTo("later");
      assertThat(reader.next()).isNull();
      append(storage, "latest");
      assertThat(text(reader.next())).isEqualTo("latest");
    }
  }

  @Test
  final void keepsBytesOfEverySizeUpToTheLargest() throws IOException {
    Random random = new Random(5);
    List<byte[]> written = new ArrayList<>();
    try (LogStorage storage = open()) {
      for (int size = 1; size < storage.maxAppend(); size = size * 3 + 1) {
        written.add(new byte[size]);
      }
      written.add(new byte[storage.maxAppend()]);
      for (byte[] bytes : written) {
        random.nextBytes(bytes);
        storage.reserve(bytes.length);
        storage.append(ByteBuffer.wrap(bytes));
      }
      storage.force();
    }

    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      for (byte[] bytes : written) {
        assertThat(reader.next()).isEqualTo(ByteBuffer.wrap(bytes));
      }
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  final void keepsBytesThatAreAllZero() throws IOException {
    try (LogStorage storage = open()) {
      storage.reserve(1000);
      storage.append(ByteBuffer.allocate(1000));
      storage.force();
    }

    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      assertThat(reader.next()).isEqualTo(ByteBuffer.allocate(1000));
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  final void removesWhatLiesBehindAPositionAndGoesOnThere() throws IOException {
    long last;
    try (LogStorage storage = open()) {
      append(storage, "kept");
      last = append(storage, "kept too");
      append(storage, "cut");
      append(storage, "cut too");
      storage.force();
    }

    try (LogStorage storage = open()) {
      storage.truncate(last);
      storage.force();
      append(storage, "new");
      storage.force();
      assertThat(readAll(storage, 0)).containsExactly("kept", "kept too", "new");
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).containsExactly("kept", "kept too", "new");
    }
  }

  @Test
  final void removesEverything() throws IOException {
    try (LogStorage storage = open()) {
      append(storage, "cut");
      storage.force();
    }

    try (LogStorage storage = open()) {
      storage.truncate(-1);
      storage.force();
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).isEmpty();
      append(storage, "new");
      assertThat(readAll(storage, 0)).containsExactly("new");
    }
  }

  @Test
  final void releasesNothingAtOrAboveAPosition() throws IOException {
    int entries = 100;
    List<Long> positions = new ArrayList<>();
    try (LogStorage storage = open()) {
      for (int i = 0; i < entries; i++) {
        positions.add(append(storage, "entry " + i));
      }
      storage.force();
      storage.release(positions.get(70));
      assertThat(readAll(storage, 0)).contains("entry 70", "entry 99");
    }

    try (LogStorage storage = open()) {
      append(storage, "new");
      storage.force();
      storage.release(positions.get(70));
      List<String> kept = readAll(storage, 0);
      assertThat(kept).contains("entry 70", "entry 99").endsWith("new");
      assertThat(readAll(storage, positions.get(70))).startsWith("entry 70").hasSize(31);
    }
  }

  @Test
  final void takesBackTheSpaceOfWhatWasReleased() throws IOException {
    byte[] large = new byte[100_000];
    new Random(6).nextBytes(large);
    try (LogStorage storage = open()) {
      fill(storage, large);
      storage.force();
    }

    try (LogStorage storage = open()) {
      long last = append(storage, "new");
      storage.force();
      long full = storage.size();
      storage.release(last);

      assertThat(full).isGreaterThanOrEqualTo(8_000_000);
      assertThat(storage.size()).isLessThan(full - 4_000_000);
      assertThat(readAll(storage, 0)).endsWith("new");
    }
  }

  @Test
  final void growsPositionsByWhatWasAppendedAtTheLeast() throws IOException {
    Random random = new Random(8);
    long least = 1;
    for (int open = 0; open < 3; open++) {
      try (LogStorage storage = open()) {
        for (int i = 0; i < 50; i++) {
          byte[] bytes = new byte[1 + random.nextInt(10_000)];
          long position = append(storage, bytes);
          assertThat(position)
              .as("seed=8 open=%d append=%d", open, i)
              .isGreaterThanOrEqualTo(least);
          least = position + bytes.length;
        }
      }
    }
  }

  @Test
  final void keepsTheLargestAppendsOverManyFiles() throws IOException {
    int count = 6;
    try (LogStorage storage = open()) {
      for (int i = 0; i < count; i++) {
        byte[] bytes = new byte[storage.maxAppend()];
        Arrays.fill(bytes, (byte) (i + 1));
        append(storage, bytes);
      }
      storage.force();
      assertThat(storage.size()).isGreaterThanOrEqualTo((long) count * storage.maxAppend());
    }

    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      for (int i = 0; i < count; i++) {
        ByteBuffer bytes = Objects.requireNonNull(reader.next(), "append");
        assertThat(bytes.remaining()).isEqualTo(storage.maxAppend());
        assertThat(bytes.get(bytes.position())).isEqualTo((byte) (i + 1));
        assertThat(bytes.get(bytes.limit() - 1)).isEqualTo((byte) (i + 1));
      }
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  final void keepsWhatItHeldWhenAReservationFindsNoSpaceAndGoesOn() throws IOException {
    try (LogStorage storage = open()) {
      append(storage, "before");
      fill();
      assertThatIOException().isThrownBy(() -> storage.reserve(storage.maxAppend()));
      storage.force();
      assertThat(readAll(storage, 0)).containsExactly("before");

      makeRoom();

      append(storage, "behind");
      storage.force();
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).containsExactly("before", "behind");
    }
  }

  @Test
  final void changesNothingThatIsReadWhenItIsWrittenAgain() throws IOException {
    List<String> written = new ArrayList<>();
    long middle = 0;
    for (int open = 0; open < 3; open++) {
      try (LogStorage storage = open()) {
        for (int i = 0; i < 40; i++) {
          written.add("open " + open + " entry " + i);
          long position = append(storage, written.get(written.size() - 1));
          middle = open == 1 && i == 20 ? position : middle;
        }
      }
    }

    for (long from : new long[] {0, middle, Long.MAX_VALUE}) {
      try (LogStorage storage = open()) {
        storage.refresh(from);
        storage.force();
        assertThat(readAll(storage, 0)).as("from=%d", from).isEqualTo(written);
      }
    }
  }

  @Test
  final void saysBeforeItReleasesWhetherItWould() throws IOException {
    long old;
    try (LogStorage storage = open()) {
      old = append(storage, "old");
      fill(storage, new byte[100_000]);
      assertThat(storage.releases(0)).isFalse();
      assertThat(storage.releases(old)).isFalse();
    }

    try (LogStorage storage = open()) {
      long last = append(storage, "new");
      storage.force();
      assertThat(storage.releases(old)).isFalse();
      assertThat(storage.releases(last)).isTrue();
      assertThat(readAll(storage, 0)).startsWith("old");

      storage.release(last);

      assertThat(storage.releases(last)).isFalse();
      assertThat(readAll(storage, 0)).doesNotContain("old").endsWith("new");
      assertThat(readAll(storage, old)).isEqualTo(readAll(storage, 0));
    }
  }

  @Test
  final void goesOnReadingWhatIsKeptWhileTheRestIsReleased() throws IOException {
    try (LogStorage storage = open()) {
      fill(storage, new byte[100_000]);
    }
    try (LogStorage storage = open()) {
      long kept = append(storage, "kept");
      append(storage, "kept too");
      storage.force();
      try (LogStorage.Reader reader = storage.read(kept)) {
        assertThat(text(reader.next())).isEqualTo("kept");
        storage.release(kept);
        assertThat(text(reader.next())).isEqualTo("kept too");
        assertThat(reader.next()).isNull();
        append(storage, "later");
        assertThat(text(reader.next())).isEqualTo("later");
      }
    }
  }

  @Test
  final void keepsAsideWhatWasCut() throws IOException {
    byte[] cut = "this was cut off and a person looks for it".getBytes(StandardCharsets.UTF_8);
    long last;
    try (LogStorage storage = open()) {
      last = append(storage, "kept");
      append(storage, cut);
      storage.force();
    }

    try (LogStorage storage = open()) {
      storage.truncate(last);
      storage.force();
    }

    assertThat(isKeptAside(cut)).isTrue();
    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).containsExactly("kept");
    }
  }

  @Test
  final void readersSeeEverythingInOrderWhileItAppendsForcesAndReleases() throws Exception {
    int count = 2_000;
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    try (LogStorage storage = open()) {
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Thread reader = new Thread(() -> readUntil(count, storage, failure));
        reader.start();
        readers.add(reader);
      }
      long first = 0;
      for (int i = 1; i <= count; i++) {
        long position = append(storage, String.valueOf(i));
        first = i == 1 ? position : first;
        if (i % 100 == 0) {
          storage.force();
          storage.release(first);
        }
      }
      for (Thread reader : readers) {
        reader.join();
      }
    }

    assertThat(failure.get()).isNull();
  }

  private static void readUntil(
      int count, LogStorage storage, AtomicReference<@Nullable Throwable> failure) {
    try (LogStorage.Reader reader = storage.read(0)) {
      for (int expected = 1; expected <= count && failure.get() == null; ) {
        ByteBuffer bytes = reader.next();
        if (bytes == null) {
          Thread.onSpinWait();
        } else {
          assertThat(text(bytes)).isEqualTo(String.valueOf(expected++));
        }
      }
    } catch (IOException | RuntimeException | Error thrown) {
      failure.set(thrown);
    }
  }

  @Test
  final void saysHowMuchIsFree() throws IOException {
    try (LogStorage storage = open()) {
      assertThat(storage.free()).isPositive();
    }
  }

  @Test
  final void worksInAThreadThatIsInterrupted() throws IOException {
    try (LogStorage storage = open()) {
      Thread.currentThread().interrupt();
      append(storage, "interrupted");
      assertThat(Thread.interrupted()).isTrue();
      append(storage, "not interrupted");
      Thread.currentThread().interrupt();
      storage.force();
      assertThat(Thread.interrupted()).isTrue();
      storage.force();
      Thread.currentThread().interrupt();
      assertThat(readAll(storage, 0)).containsExactly("interrupted", "not interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  final void forcesWhileItAppends() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    try (LogStorage storage = open()) {
      Thread forcer = new Thread(() -> forceUntil(done, storage, failure));
      forcer.start();
      byte[] bytes = new byte[20_000];
      for (int i = 0; i < 300; i++) {
        storage.reserve(bytes.length);
        storage.append(ByteBuffer.wrap(bytes));
      }
      done.set(true);
      forcer.join();
      storage.force();
    }

    assertThat(failure.get()).isNull();
    try (LogStorage storage = open()) {
      assertThat(readAll(storage, 0)).hasSize(300);
    }
  }

  private static void forceUntil(
      AtomicBoolean done, LogStorage storage, AtomicReference<@Nullable Throwable> failure) {
    try {
      while (!done.get()) {
        storage.force();
      }
    } catch (IOException | RuntimeException | Error thrown) {
      failure.set(thrown);
    }
  }

  private static void fill(LogStorage storage, byte[] bytes) throws IOException {
    for (int i = 0; i < 80; i++) {
      storage.reserve(bytes.length);
      storage.append(ByteBuffer.wrap(bytes));
    }
  }

  private LogStorage open() throws IOException {
    return factory().open(directory);
  }

  private static long append(LogStorage storage, String text) throws IOException {
    return append(storage, text.getBytes(StandardCharsets.UTF_8));
  }

  private static long append(LogStorage storage, byte[] bytes) throws IOException {
    storage.reserve(bytes.length);
    return storage.append(ByteBuffer.wrap(bytes));
  }

  private static List<String> readAll(LogStorage storage, long from) throws IOException {
    List<String> all = new ArrayList<>();
    try (LogStorage.Reader reader = storage.read(from)) {
      for (ByteBuffer bytes = reader.next(); bytes != null; bytes = reader.next()) {
        all.add(text(bytes));
      }
    }
    return all;
  }

  private static String text(@Nullable ByteBuffer bytes) {
    assertThat(bytes).isNotNull();
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }
}
