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
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is done to segments of an earlier process: nothing but cutting them. Runs at open, in one
 * thread, and can be repeated after a crash at any point of it.
 */
final class SegmentRepair {

  private static final String ASIDE = "cut-off";
  private static final Pattern NUMBERED = Pattern.compile("(\\d{1,9})-.*");
  private static final int BLOCK = 64 << 10;
  private static final byte[] ZEROS = new byte[BLOCK];
  private static final int SLACK = 16;

  private SegmentRepair() {}

  /**
   * Where what was appended to a segment ends; changes nothing. A segment that was never sealed has
   * zeros behind it. {@value #SLACK} of those count where the documents can't be followed to the
   * last byte, which may belong to one that ends with zeros.
   *
   * @return -1 if nothing but zeros is left
   */
  static long end(Path file, Path marker) throws IOException {
    if (Files.notExists(file)) {
      return -1;
    }
    if (Files.notExists(marker)) {
      return Files.size(file);
    }
    try (RandomAccessFile segment = new RandomAccessFile(file.toFile(), "r")) {
      long documents = endOfDocuments(segment);
      long more = endOfNonZeros(segment, documents);
      long end = more == 0 ? documents : documents + more + SLACK;
      return end == 0 ? -1 : Math.min(end, segment.length());
    }
  }

  /** Gives back the zeros that were reserved behind the end of a segment. */
  static void trim(Segment segment) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(segment.file().toFile(), "rw")) {
      if (file.length() > segment.end()) {
        file.setLength(segment.end());
        file.getFD().sync();
      }
    }
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
    return directory.resolve("%04d-%s".formatted(lastAside(directory) + 1, name));
  }

  /** The highest number in use: a person may have taken some of them away. */
  private static int lastAside(Path directory) throws IOException {
    try (Stream<Path> present = Files.list(directory)) {
      return present
          .map(path -> NUMBERED.matcher(String.valueOf(path.getFileName())))
          .filter(Matcher::matches)
          .mapToInt(numbered -> Integer.parseInt(numbered.group(1)))
          .max()
          .orElse(0);
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
      int last = read - 1;
      if (!Arrays.equals(block, 0, read, ZEROS, 0, read)) {
        while (block[last] == 0) {
          last--;
        }
        end = at + last + 1;
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
