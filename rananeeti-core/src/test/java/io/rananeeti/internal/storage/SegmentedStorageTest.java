package io.rananeeti.internal.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file system that refuses now and then does to the row of segments. */
final class SegmentedStorageTest {

  private static final int MORE_THAN_HALF = (int) (SegmentWriter.LARGEST_SEGMENT / 2);

  private final FailingForm form = new FailingForm();

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  SegmentedStorageTest() {}

  @Test
  void aSegmentThatCouldNotBeCutAtItsEndIsCutAtTheNextOpen() throws IOException {
    try (LogStorage storage = open()) {
      append(storage, "first");
      storage.reserve(MORE_THAN_HALF);
      storage.append(ByteBuffer.allocate(MORE_THAN_HALF));
      form.failsToFinish = true;
      assertThatIOException().isThrownBy(() -> storage.reserve(MORE_THAN_HALF));
      form.failsToFinish = false;
      append(storage, "second");
      storage.force();
    }

    try (LogStorage storage = open();
        LogStorage.Reader reader = storage.read(0)) {
      assertThat(text(reader.next())).isEqualTo("first");
      assertThat(reader.next()).isEqualTo(ByteBuffer.allocate(MORE_THAN_HALF));
      assertThat(text(reader.next())).isEqualTo("second");
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void aReleaseThatFailedIsMadeUpForInOrder() throws IOException {
    long last = writeSegments("one", "two", "three");
    try (LogStorage storage = open()) {
      storage.force();
      Path obstacle = Files.createDirectories(file(1, form.marker()).resolve("obstacle"));
      assertThatIOException().isThrownBy(() -> storage.release(last));
      assertThatIOException().isThrownBy(() -> storage.release(last));
      assertThat(storage.releases(last)).isTrue();
      assertThat(file(2, form.file())).exists();

      Files.delete(obstacle);
      storage.release(last);
    }

    try (LogStorage storage = open()) {
      assertThat(readAll(storage)).containsExactly("three");
    }
  }

  @Test
  void whatSomebodyElseHasPutIntoASegmentStopsNothing() throws IOException {
    long last = writeSegments("one", "two", "three");
    Path foreign = Files.writeString(file(1, "documents.copy"), "of somebody");
    try (LogStorage storage = open()) {
      storage.force();
      storage.release(last);
    }

    try (LogStorage storage = open()) {
      append(storage, "four");
      storage.force();
      assertThat(readAll(storage)).containsExactly("three", "four");
    }
    assertThat(foreign).exists();
  }

  @Test
  void aReaderPassesOverASegmentThatIsReleasedUnderIt() throws IOException {
    writeSegments("one", "two");
    TreeMap<Long, Segment> releasing =
        new TreeMap<>() {
          @Override
          public Map.@Nullable Entry<Long, Segment> ceilingEntry(Long from) {
            Map.Entry<Long, Segment> found = super.ceilingEntry(from);
            remove(found.getKey());
            return found;
          }
        };
    Files.delete(file(1, form.file()));
    long end = Files.size(file(2, form.file()));
    for (long number = 1; number <= 2; number++) {
      releasing.put(number, Segment.sealed(form, number, segment(number), end));
    }

    try (SegmentReader reader = new SegmentReader(releasing, form, 0)) {
      assertThat(text(reader.next())).isEqualTo("two");
      assertThat(reader.next()).isNull();
    }
  }

  /** Each open writes a segment of its own; returns the last position. */
  private long writeSegments(String... texts) throws IOException {
    long last = 0;
    for (String text : texts) {
      try (LogStorage storage = open()) {
        last = append(storage, text);
      }
    }
    return last;
  }

  private Path segment(long number) {
    return Segment.directory(directory.resolve(form.name()), number);
  }

  private Path file(long segment, String name) {
    return segment(segment).resolve(name);
  }

  private LogStorage open() throws IOException {
    return SegmentedStorage.open(form, directory);
  }

  private static long append(LogStorage storage, String text) throws IOException {
    ByteBuffer bytes = UTF_8.encode(text);
    storage.reserve(bytes.remaining());
    return storage.append(bytes);
  }

  private static List<String> readAll(LogStorage storage) throws IOException {
    List<String> all = new ArrayList<>();
    try (LogStorage.Reader reader = storage.read(0)) {
      for (ByteBuffer bytes = reader.next(); bytes != null; bytes = reader.next()) {
        all.add(text(bytes));
      }
    }
    return all;
  }

  private static String text(@Nullable ByteBuffer bytes) {
    assertThat(bytes).isNotNull();
    return UTF_8.decode(bytes).toString();
  }

  /** Plain files whose end can fail. */
  private static final class FailingForm implements SegmentForm {

    private boolean failsToFinish;

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public String label() {
      return "FAILING";
    }

    @Override
    public String file() {
      return "documents";
    }

    @Override
    public String marker() {
      return "unsealed";
    }

    @Override
    public boolean ownsMetadata(byte first) {
      return false;
    }

    @Override
    public int largestAppend() {
      return MORE_THAN_HALF;
    }

    @Override
    public SegmentWriter create(Path directory, long number) throws IOException {
      return new FailingWriter(this, Segment.active(this, number, directory));
    }
  }

  private static final class FailingWriter extends SegmentWriter {

    private static final int PIECE = 64 << 10;

    private final FailingForm form;
    private final RandomAccessFile file;

    FailingWriter(FailingForm form, Segment segment) throws IOException {
      super(segment, DocumentHeader.LENGTH, PIECE);
      this.form = form;
      file = new RandomAccessFile(segment.file().toFile(), "rw");
      reserve(0);
    }

    @Override
    protected long write(ByteBuffer bytes, long end) throws IOException {
      byte[] content = new byte[bytes.remaining()];
      bytes.get(content);
      file.seek(end);
      file.writeInt(Integer.reverseBytes(content.length));
      file.write(content);
      return end;
    }

    @Override
    protected void finish() throws IOException {
      file.close();
      if (form.failsToFinish) {
        throw new IOException("the file can't be finished");
      }
    }
  }
}
