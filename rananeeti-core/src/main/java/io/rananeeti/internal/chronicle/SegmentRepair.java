package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.log.DurableFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * What is done to segments of an earlier process: nothing but cutting them. Runs at open, in one
 * thread, and can be repeated after a crash at any point of it.
 */
final class SegmentRepair {

  private static final String ASIDE = "cut-off";
  private static final int BLOCK = 64 << 10;

  private SegmentRepair() {}

  /**
   * Gives back the zeros that were reserved behind the end of a segment that was never sealed.
   *
   * @return false if nothing but zeros was left; the segment is gone then
   */
  static boolean seal(Path directory) throws IOException {
    Path path = directory.resolve(Segment.FILE);
    Path metadata = directory.resolve(Segment.METADATA);
    if (Files.exists(path) && Files.notExists(metadata)) {
      return true;
    }
    long end = Files.exists(path) ? trim(path) : 0;
    if (end == 0) {
      SegmentWriter.deleteDirectory(directory);
      return false;
    }
    Files.delete(metadata);
    return true;
  }

  /** Cuts a segment behind the document at this offset, and keeps aside what was there. */
  static void cutBehind(Path parent, Segment segment, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.file().toFile(), "rw")) {
      long end = WireHeader.behind(offset, WireHeader.length(header(file, offset)));
      if (end >= file.length()) {
        return;
      }
      copyAside(parent, segment, file, end);
      file.setLength(end);
      file.getFD().sync();
    }
  }

  /** Takes a whole segment out of the log. */
  static void moveAside(Path parent, Segment segment) throws IOException {
    Path target = aside(parent, String.valueOf(segment.directory().getFileName()));
    Files.move(segment.directory(), target, StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.forceNames(parent);
  }

  private static void copyAside(Path parent, Segment segment, RandomAccessFile file, long from)
      throws IOException {
    String name = "%s-from-%d".formatted(segment.directory().getFileName(), from);
    try (FileChannel copy =
        DurableFiles.openPrivate(aside(parent, name), StandardOpenOption.CREATE_NEW)) {
      file.getChannel().transferTo(from, file.length() - from, copy);
      copy.force(true);
    }
  }

  private static Path aside(Path parent, String name) throws IOException {
    Path directory = parent.resolve(ASIDE);
    DurableFiles.makeDirectory(directory);
    long taken;
    try (Stream<Path> present = Files.list(directory)) {
      taken = present.count();
    }
    return directory.resolve("%04d-%s".formatted(taken + 1, name));
  }

  private static long trim(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long documents = endOfDocuments(file);
      long end = documents + endOfNonZeros(file, documents);
      file.setLength(end);
      file.getFD().sync();
      return end;
    }
  }

  private static long endOfDocuments(RandomAccessFile file) throws IOException {
    long offset = 0;
    while (offset + WireHeader.LENGTH <= file.length()) {
      int header = header(file, offset);
      long behind = WireHeader.behind(offset, WireHeader.length(header));
      if (!WireHeader.complete(header) || behind > WireHeader.aligned(file.length())) {
        break;
      }
      offset = behind;
    }
    return Math.min(offset, file.length());
  }

  private static long endOfNonZeros(RandomAccessFile file, long from) throws IOException {
    byte[] block = new byte[BLOCK];
    long end = 0;
    long at = 0;
    file.seek(from);
    for (int read = file.read(block); read > 0; read = file.read(block)) {
      for (int i = 0; i < read; i++) {
        if (block[i] != 0) {
          end = at + i + 1;
        }
      }
      at += read;
    }
    return end;
  }

  private static int header(RandomAccessFile file, long offset) throws IOException {
    byte[] header = new byte[WireHeader.LENGTH];
    file.seek(offset);
    file.readFully(header);
    return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
