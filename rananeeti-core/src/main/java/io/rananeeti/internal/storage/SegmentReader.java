package io.rananeeti.internal.storage;

import io.rananeeti.log.LogStorage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents straight from the files, from segment to segment. Used by one thread; an
 * interrupt does not close what it reads.
 *
 * <p>Chronicle Queue's own reader stops at the first hole and never goes on. This one returns what
 * lies behind a hole or a damaged header as raw pieces, which overlap by the largest append, so
 * that each document is whole in one of them.
 */
final class SegmentReader implements LogStorage.Reader {

  private static final int WINDOW = 64 << 10;

  private final NavigableMap<Long, Segment> segments;
  private final SegmentForm form;
  private final int largestAppend;
  private final long from;
  private @Nullable Segment segment;
  private @Nullable RandomAccessFile file;
  private byte[] window = new byte[0];
  private ByteBuffer view = ByteBuffer.wrap(window);
  private long windowStart;
  private int windowLength;
  private long offset;
  private long documentStart = -1;
  private long position;
  private boolean raw;

  SegmentReader(NavigableMap<Long, Segment> segments, SegmentForm form, long fromPosition) {
    this.segments = segments;
    this.form = form;
    this.largestAppend = form.largestAppend();
    this.from = fromPosition;
  }

  @Override
  public @Nullable ByteBuffer next() throws IOException {
    while (true) {
      Segment current = segment;
      if (current == null) {
        current = moveTo(segments.ceilingEntry(Segment.numberOf(from)));
        if (current == null) {
          return null;
        }
      }
      boolean last = !current.sealed();
      ByteBuffer bytes = nextUnlessReleased(current);
      if (bytes != null || last) {
        return bytes;
      }
      if (moveTo(segments.higherEntry(current.number())) == null) {
        return null;
      }
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public boolean distrust() {
    if (raw || documentStart < 0) {
      return false;
    }
    offset = documentStart;
    raw = true;
    return true;
  }

  @Override
  public void close() {
    closeFile();
    window = new byte[0];
    view = ByteBuffer.wrap(window);
    windowLength = 0;
  }

  /** Null also if the segment was released before this reader has opened its file. */
  private @Nullable ByteBuffer nextUnlessReleased(Segment current) throws IOException {
    try {
      return nextIn(current);
    } catch (FileNotFoundException gone) {
      if (segments.containsKey(current.number())) {
        throw gone;
      }
      return null;
    }
  }

  private @Nullable ByteBuffer nextIn(Segment current) throws IOException {
    long end = current.end();
    while (!raw && offset + DocumentHeader.LENGTH <= end) {
      int header =
          window(current, offset, DocumentHeader.LENGTH).order(ByteOrder.LITTLE_ENDIAN).getInt();
      int length = DocumentHeader.length(header);
      if (!DocumentHeader.complete(header) || offset + DocumentHeader.LENGTH + length > end) {
        raw = true;
        break;
      }
      long start = offset;
      if (!DocumentHeader.metadata(header)) {
        offset = DocumentHeader.behind(start, length);
        position = current.position(start);
        documentStart = start;
        return window(current, start + DocumentHeader.LENGTH, length);
      }
      if (!ownsMetadata(current, start, length)) {
        raw = true;
        break;
      }
      offset = DocumentHeader.behind(start, length);
    }
    return raw && offset < end ? rawPiece(current, end) : null;
  }

  private boolean ownsMetadata(Segment current, long start, int length) throws IOException {
    return length > 0 && form.ownsMetadata(window(current, start + DocumentHeader.LENGTH, 1).get());
  }

  private ByteBuffer rawPiece(Segment current, long end) throws IOException {
    position = current.position(offset);
    int length = (int) Math.min(end - offset, 2L * largestAppend);
    ByteBuffer piece = window(current, offset, length);
    offset = offset + length == end ? end : offset + largestAppend;
    return piece;
  }

  private @Nullable Segment moveTo(Map.@Nullable Entry<Long, Segment> next) {
    if (next == null) {
      return null;
    }
    closeFile();
    Segment moved = next.getValue();
    segment = moved;
    offset = moved.number() == Segment.numberOf(from) ? Segment.offsetOf(from) : 0;
    raw = false;
    documentStart = -1;
    windowLength = 0;
    return moved;
  }

  private ByteBuffer window(Segment current, long start, int length) throws IOException {
    if (start < windowStart || start + length > windowStart + windowLength) {
      fill(current, start, length);
    }
    int from = (int) (start - windowStart);
    return view.order(ByteOrder.BIG_ENDIAN).limit(from + length).position(from);
  }

  private void fill(Segment current, long start, int length) throws IOException {
    RandomAccessFile in = file;
    if (in == null) {
      in = new RandomAccessFile(current.file().toFile(), "r");
      file = in;
    }
    windowLength = 0;
    int wanted = (int) Math.max(length, Math.min(WINDOW, current.end() - start));
    if (window.length < wanted || window.length > 2 * Math.max(wanted, WINDOW)) {
      window = new byte[Math.max(wanted, WINDOW)];
      view = ByteBuffer.wrap(window);
    }
    in.seek(start);
    in.readFully(window, 0, wanted);
    windowStart = start;
    windowLength = wanted;
  }

  private void closeFile() {
    RandomAccessFile in = file;
    file = null;
    if (in != null) {
      try {
        in.close();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
