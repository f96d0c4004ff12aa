package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * Files of lines that only grow, and that only their owner can read.
 *
 * <p>A line is handed to the operating system in one write, so it outlives this process from the
 * moment {@link #append} returns; a power cut may lose it. A line without its end is not a line.
 */
final class Lines {

  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Set<StandardOpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  private Lines() {}

  /** Makes a directory, and those above it, for the owner only. */
  static Path directory(Path directory) throws IOException {
    return Files.createDirectories(directory, PRIVATE_DIRECTORY);
  }

  /** Adds a line, which must not hold a line break. */
  static void append(Path file, String line) throws IOException {
    try (FileChannel channel = FileChannel.open(file, APPEND, PRIVATE_FILE)) {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** The lines of a file; none if there is no such file. */
  static List<String> read(Path file) throws IOException {
    try {
      String text = new String(Files.readAllBytes(file), UTF_8);
      int end = text.lastIndexOf('\n');
      return end < 0 ? List.of() : List.of(text.substring(0, end).split("\n", -1));
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Takes line breaks out of a text, reversibly. */
  static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  /** Puts them back in. */
  static String unescape(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        i++;
        c = text.charAt(i) == 'n' ? '\n' : text.charAt(i) == 'r' ? '\r' : text.charAt(i);
      }
      plain.append(c);
    }
    return plain.toString();
  }
}
