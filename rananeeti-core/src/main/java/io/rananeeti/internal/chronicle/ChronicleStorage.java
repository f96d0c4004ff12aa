package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.log.DurableFiles;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Log storage on Chronicle Queue: a row of segments, each a small queue of one file in a directory
 * of its own.
 *
 * <p><b>Why a row of queues.</b> A queue that is opened again after a crash trusts what it finds:
 * it appends where its header says the end is, behind a hole if there is one, and waits for locks
 * of the dead. Here a queue is only ever written by the process that made it. Each open begins a
 * new segment, so does each one that is full, and what earlier processes have left is only read, by
 * {@link SegmentReader}, and cut, by {@link SegmentRepair}.
 *
 * <p><b>Durability.</b> The queue's own {@code sync} covers one chunk and swallows errors, so it is
 * not used. {@link #force} calls {@code FileChannel.force} on the file of each segment that was
 * written since the last one, which flushes the pages dirtied through the mapping as well and
 * reports their errors; when a segment is made its names are forced before anything is appended.
 * Segments of an earlier process count as written until they were forced once by this one. {@link
 * SegmentWriter} says what is done about a full disk.
 */
public final class ChronicleStorage implements LogStorage {

  static {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    System.setProperty("chronicle.disk.monitor.disable", "true");
  }

  private final Path directory;
  private final FileStore disk;
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final List<Segment> unforced = new CopyOnWriteArrayList<>();
  private @Nullable SegmentWriter writer;

  private ChronicleStorage(Path directory) throws IOException {
    this.directory = directory;
    this.disk = Files.getFileStore(directory);
  }

  /**
   * Opens the storage in a directory, or creates it.
   *
   * @throws IOException if it can't be opened; if the JVM lacks the flags that Chronicle needs, it
   *     says which to add
   */
  public static LogStorage open(Path directory) throws IOException {
    JvmFlags.check();
    Path parent = directory.resolve("chronicle");
    DurableFiles.makeDirectory(parent);
    ChronicleStorage storage = new ChronicleStorage(parent);
    storage.adoptSegments();
    return storage;
  }

  @Override
  public int maxAppend() {
    return SegmentWriter.LARGEST_APPEND;
  }

  @Override
  public void reserve(int bytes) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      prepare(bytes);
    } catch (IOException | RuntimeException failure) {
      if (!Thread.interrupted()) {
        throw failure;
      }
      interrupted = true;
      prepare(bytes);
    } finally {
      restore(interrupted);
    }
  }

  @Override
  public long append(ByteBuffer bytes) throws IOException {
    SegmentWriter current = writer;
    if (current == null) {
      throw new IOException("an append without its reservation");
    }
    boolean interrupted = Thread.interrupted();
    try {
      return current.append(bytes);
    } finally {
      restore(interrupted);
    }
  }

  @Override
  public void force() throws IOException {
    List<Segment> complete = new ArrayList<>();
    for (Segment segment : unforced) {
      if (segment.force()) {
        complete.add(segment);
      }
    }
    unforced.removeAll(complete);
  }

  @Override
  public Reader read(long fromPosition) {
    return new SegmentReader(segments, fromPosition);
  }

  @Override
  public void truncate(long position) throws IOException {
    if (writer != null) {
      throw new IllegalStateException("a repair is for the open, before anything is appended");
    }
    long kept = position < 0 ? 0 : Segment.numberOf(position);
    for (Segment segment : segments.tailMap(kept, false).descendingMap().values()) {
      SegmentRepair.moveAside(directory, segment);
      forget(segment);
    }
    Segment last = segments.get(kept);
    if (last != null) {
      SegmentRepair.cutBehind(directory, last, Segment.offsetOf(position));
      forget(last);
      adopt(Segment.sealed(kept, last.directory()));
    }
  }

  @Override
  public void release(long belowPosition) throws IOException {
    for (Segment segment : segments.headMap(Segment.numberOf(belowPosition)).values()) {
      if (segment.sealed()) {
        segments.remove(segment.number());
        SegmentWriter.deleteDirectory(segment.directory());
      }
    }
  }

  @Override
  public long size() {
    return segments.values().stream().mapToLong(Segment::taken).sum();
  }

  @Override
  public long free() throws IOException {
    return disk.getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    SegmentWriter current = writer;
    writer = null;
    if (current != null) {
      current.seal();
    }
    for (Segment segment : unforced) {
      segment.close();
    }
  }

  private void adoptSegments() throws IOException {
    List<Path> found;
    try (Stream<Path> present = Files.list(directory)) {
      found = present.filter(path -> Segment.number(path) > 0).sorted().toList();
    }
    for (Path path : found) {
      if (SegmentRepair.seal(path)) {
        adopt(Segment.sealed(Segment.number(path), path));
      }
    }
  }

  private void adopt(Segment segment) {
    segments.put(segment.number(), segment);
    unforced.add(segment);
  }

  private void forget(Segment segment) {
    segments.remove(segment.number());
    unforced.remove(segment);
  }

  private void prepare(int bytes) throws IOException {
    SegmentWriter current = writer;
    if (current != null && !current.hasRoomFor(bytes)) {
      writer = null;
      current.seal();
      current = null;
    }
    if (current == null) {
      long number = segments.isEmpty() ? 1 : segments.lastKey() + 1;
      current = SegmentWriter.create(directory, number);
      writer = current;
      adopt(current.segment());
    }
    current.reserve(bytes);
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
