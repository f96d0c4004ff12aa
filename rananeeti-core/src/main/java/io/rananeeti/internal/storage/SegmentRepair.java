package io.rananeeti.internal.storage;

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
   * @return false if nothing but zeros was left
   */
  static boolean trim(Path file, Path marker) throws IOException {
    if (Files.exists(file) && Files.notExists(marker)) {
      return true;
    }
    long end = Files.exists(file) ? trim(file) : 0;
    Files.deleteIfExists(marker);
    return end > 0;
  }

  /** Writes the bytes from this offset on again, each at its place: a crash changes nothing. */
  static void rewrite(Path path, long from) throws IOException {
    byte[] block = new byte[BLOCK];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long at = from;
      file.seek(at);
      for (int read = file.read(block); read > 0; read = file.read(block)) {
        file.seek(at);
        file.write(block, 0, read);
        at += read;
      }
    }
  }

  /** Cuts a segment behind the document at this offset, and keeps aside what was there. */
  static void cutBehind(Path parent, Segment segment, long offset) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.file().toFile(), "rw")) {
      long end = DocumentHeader.behind(offset, DocumentHeader.length(header(file, offset)));
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
      FileChannel source = file.getChannel();
      for (long at = from, end = source.size(); at < end; ) {
        at += source.transferTo(at, end - at, copy);
      }
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
    while (offset + DocumentHeader.LENGTH <= file.length()) {
      int header = header(file, offset);
      long behind = DocumentHeader.behind(offset, DocumentHeader.length(header));
      if (!DocumentHeader.complete(header) || behind > DocumentHeader.aligned(file.length())) {
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
    byte[] header = new byte[DocumentHeader.LENGTH];
    file.seek(offset);
    file.readFully(header);
    return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
