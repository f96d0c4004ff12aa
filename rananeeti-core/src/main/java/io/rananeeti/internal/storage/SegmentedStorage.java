package io.rananeeti.internal.storage;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A log storage made of a row of segments, each a file in a directory of its own.
 *
 * <p><b>Only its maker writes a segment.</b> Whoever appends to a file that a crash has left trusts
 * what stands there, and appends behind a hole if there is one. Here each open begins a new
 * segment, so does each one that is full, and what earlier processes have left is only read, by
 * {@link SegmentReader}, and cut, by {@link SegmentRepair}.
 *
 * <p><b>Durability.</b> {@link #force} forces the file of each segment that was written since the
 * last one, also through a mapping, and reports their errors; when a segment is made its file and
 * all names are forced before anything is appended. Segments of an earlier process count as written
 * until they were forced once by this one. {@link SegmentWriter} says what is done about a full
 * disk.
 */
public final class SegmentedStorage implements LogStorage {

  private final SegmentForm form;
  private final Path directory;
  private final FileStore disk;
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final List<Segment> unforced = new CopyOnWriteArrayList<>();
  private final List<Path> empty = new ArrayList<>();
  private volatile boolean trimmed;
  private @Nullable SegmentWriter writer;

  private SegmentedStorage(SegmentForm form, Path directory) throws IOException {
    this.form = form;
    this.directory = directory;
    this.disk = Files.getFileStore(directory);
  }

  /**
   * Opens the storage in a directory, or creates it.
   *
   * @throws IOException if it can't be opened, or if there are segments of another form
   */
  public static LogStorage open(SegmentForm form, Path log) throws IOException {
    refuseOtherForms(form, log);
    Path directory = log.resolve(form.name());
    DurableFiles.makeDirectory(directory);
    SegmentedStorage storage = new SegmentedStorage(form, directory);
    storage.adoptSegments();
    return storage;
  }

  @Override
  public int maxAppend() {
    return form.largestAppend();
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
    trimOnce();
    List<Segment> complete = new ArrayList<>();
    for (Segment segment : unforced) {
      if (segment.force()) {
        complete.add(segment);
      }
    }
    if (!complete.isEmpty()) {
      unforced.removeAll(complete);
    }
  }

  @Override
  public Reader read(long fromPosition) {
    return new SegmentReader(segments, form, fromPosition);
  }

  @Override
  public void truncate(long position) throws IOException {
    if (writer != null) {
      throw new IllegalStateException("a repair is for the open, before anything is appended");
    }
    trimOnce();
    long kept = position < 0 ? 0 : Segment.numberOf(position);
    for (Segment segment : segments.tailMap(kept, false).descendingMap().values()) {
      SegmentRepair.moveAside(directory, segment);
      forget(segment);
    }
    Segment last = segments.get(kept);
    if (last != null) {
      SegmentRepair.cutBehind(directory, last, Segment.offsetOf(position));
      forget(last);
      adopt(Segment.sealed(form, kept, last.directory(), Files.size(last.file())));
    }
  }

  @Override
  public void refresh(long fromPosition) throws IOException {
    trimOnce();
    long from = Segment.numberOf(fromPosition);
    for (Segment segment : segments.tailMap(from).values()) {
      SegmentRepair.rewrite(
          segment.file(), segment.number() == from ? Segment.offsetOf(fromPosition) : 0);
    }
  }

  @Override
  public boolean releases(long belowPosition) {
    return releasable(belowPosition) != null;
  }

  /** One after the other, the oldest first: a crash leaves no gap between those that are left. */
  @Override
  public void release(long belowPosition) throws IOException {
    Segment segment = releasable(belowPosition);
    while (segment != null) {
      release(segment);
      segment = releasable(belowPosition);
    }
  }

  /** One that could not be deleted stays the first, for the next release. */
  private void release(Segment segment) throws IOException {
    segments.remove(segment.number());
    try {
      delete(segment.directory());
      DurableFiles.forceNames(directory);
    } catch (IOException | RuntimeException failure) {
      segments.put(segment.number(), segment);
      throw failure;
    }
  }

  @Override
  public long size() {
    long size = 0;
    for (Segment segment : segments.values()) {
      size += segment.taken();
    }
    return size;
  }

  @Override
  public long free() throws IOException {
    return disk.getUsableSpace();
  }

  @Override
  public void close() throws IOException {
    SegmentWriter current = writer;
    writer = null;
    try {
      if (current != null) {
        current.seal();
        force();
      }
    } finally {
      for (Segment segment : unforced) {
        segment.close();
      }
    }
  }

  private @Nullable Segment releasable(long belowPosition) {
    Map.Entry<Long, Segment> first = segments.firstEntry();
    if (first == null || first.getKey() >= Segment.numberOf(belowPosition)) {
      return null;
    }
    Segment segment = first.getValue();
    return segment.sealed() && !unforced.contains(segment) ? segment : null;
  }

  private static void refuseOtherForms(SegmentForm form, Path log) throws IOException {
    try (DirectoryStream<Path> present = Files.newDirectoryStream(log, Files::isDirectory)) {
      for (Path other : present) {
        if (!other.endsWith(form.name())
            && !other.endsWith(DurableFiles.LOST_AND_FOUND)
            && holdsSegments(other)) {
          throw new IOException(
              "its entries were written by another storage, in %s, and can't be read by %s: choose the storage that wrote them, or another directory"
                  .formatted(other.getFileName(), form.label()));
        }
      }
    }
  }

  private static boolean holdsSegments(Path directory) throws IOException {
    try (Stream<Path> present = Files.list(directory)) {
      return present.anyMatch(path -> Segment.number(path) > 0);
    }
  }

  private void adoptSegments() throws IOException {
    List<Path> found;
    try (Stream<Path> present = Files.list(directory)) {
      found = present.filter(path -> Segment.number(path) > 0).sorted().toList();
    }
    for (Path path : found) {
      long end = SegmentRepair.end(path.resolve(form.file()), path.resolve(form.marker()));
      if (end < 0) {
        empty.add(path);
      } else {
        adopt(Segment.sealed(form, Segment.number(path), path, end));
      }
    }
  }

  /**
   * Gives back the zeros that earlier processes have reserved. Not before something else is
   * changed: a log that refuses to start has looked at its files and done nothing to them.
   */
  private void trimOnce() throws IOException {
    if (!trimmed) {
      trim();
    }
  }

  private synchronized void trim() throws IOException {
    if (trimmed) {
      return;
    }
    for (Path path : empty) {
      delete(path);
    }
    for (Segment segment : segments.values()) {
      SegmentRepair.trim(segment);
    }
    trimmed = true;
  }

  private void adopt(Segment segment) {
    segments.put(segment.number(), segment);
    unforced.add(segment);
  }

  private void forget(Segment segment) throws IOException {
    segments.remove(segment.number());
    unforced.remove(segment);
    segment.close();
  }

  private void prepare(int bytes) throws IOException {
    trimOnce();
    SegmentWriter current = writer;
    if (current != null && !current.hasRoomFor(bytes)) {
      writer = null;
      current.seal();
      current = null;
    }
    if (current == null) {
      current = create(segments.isEmpty() ? 1 : segments.lastKey() + 1);
      writer = current;
      adopt(current.segment());
    }
    current.reserve(bytes);
  }

  /**
   * Makes a new segment; once this returns, its names are on disk. Nothing is left of a failure.
   */
  private SegmentWriter create(long number) throws IOException {
    Path path = Segment.directory(directory, number);
    delete(path);
    DurableFiles.makeDirectory(path);
    try {
      DurableFiles.makeFile(path.resolve(form.marker()));
      DurableFiles.makeFile(path.resolve(form.file()));
      SegmentWriter created = form.create(path, number);
      try {
        created.segment().force();
        DurableFiles.forceNames(path);
        DurableFiles.forceNames(directory);
        return created;
      } catch (IOException | RuntimeException | Error failure) {
        created.abandon();
        created.segment().close();
        throw failure;
      }
    } catch (IOException | RuntimeException | Error failure) {
      delete(path);
      throw failure;
    }
  }

  private void delete(Path segment) throws IOException {
    Files.deleteIfExists(segment.resolve(form.marker()));
    Files.deleteIfExists(segment.resolve(form.file()));
    try {
      Files.deleteIfExists(segment);
    } catch (DirectoryNotEmptyException somebodyElses) {
      // what is in it is not the log's, and is in nobody's way
    }
  }

  private static void restore(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
