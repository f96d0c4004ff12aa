package io.rananeeti.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a log at one moment, to be damaged and put back as often as wanted. Immutable. */
final class LogImage {

  private static final int HOLE = 1 << 20;

  static final LogImage EMPTY = new LogImage(new TreeMap<>());

  private final SortedMap<String, Content> files;

  private LogImage(SortedMap<String, Content> files) {
    this.files = Collections.unmodifiableSortedMap(files);
  }

  /**
   * A file.
   *
   * @param bytes the beginning, up to the last byte that is not zero at the least
   * @param length of all of it; what {@code bytes} leave out is zero
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Content(byte[] bytes, long length) {

    /** Of these bytes and no more. */
    Content(byte[] bytes) {
      this(bytes, bytes.length);
    }

    /** How many bytes there are up to the last one that is not zero. */
    int used() {
      int used = bytes.length;
      while (used > 0 && bytes[used - 1] == 0) {
        used--;
      }
      return used;
    }

    /** A copy whose bytes reach so far, for one to write to. */
    byte[] copy(int least) {
      return Arrays.copyOf(bytes, Math.max(bytes.length, least));
    }

    /** The same length with other bytes, or longer if they are more. */
    Content with(byte[] other) {
      return new Content(other, Math.max(length, other.length));
    }

    Content cutTo(long newLength) {
      return new Content(Arrays.copyOf(bytes, (int) Math.min(bytes.length, newLength)), newLength);
    }

    boolean sameAs(Content other) {
      return length == other.length
          && Arrays.equals(bytes, 0, used(), other.bytes, 0, other.used());
    }
  }

  /** All files below a directory. */
  static LogImage of(Path directory) throws IOException {
    SortedMap<String, Content> files = new TreeMap<>();
    for (Path path : all(directory)) {
      if (Files.isRegularFile(path)) {
        files.put(directory.relativize(path).toString(), read(path));
      }
    }
    return new LogImage(files);
  }

  /** The directory holds this and nothing else once this returns. */
  void writeTo(Path directory) throws IOException {
    for (Path path : all(directory)) {
      if (Files.isRegularFile(path) && !files.containsKey(directory.relativize(path).toString())) {
        Files.delete(path);
      }
    }
    for (Map.Entry<String, Content> file : files.entrySet()) {
      write(directory.resolve(file.getKey()), file.getValue());
    }
    for (Path path : all(directory)) {
      if (Files.isDirectory(path) && isEmpty(path)) {
        Files.delete(path);
      }
    }
  }

  /**
   * With at most a megabyte of zeros at the end of each file: they are a hole, and slow to read.
   */
  LogImage withShortHoles() {
    SortedMap<String, Content> changed = new TreeMap<>(files);
    changed.replaceAll(
        (name, content) ->
            content.length() <= content.used() + HOLE
                ? content
                : content.cutTo(content.used() + HOLE));
    return new LogImage(changed);
  }

  List<String> names() {
    return List.copyOf(files.keySet());
  }

  Content get(String name) {
    Content content = files.get(name);
    if (content == null) {
      throw new IllegalArgumentException("no file " + name);
    }
    return content;
  }

  LogImage with(String name, Content content) {
    SortedMap<String, Content> changed = new TreeMap<>(files);
    changed.put(name, content);
    return new LogImage(changed);
  }

  /** Without the file of this name, or all those in the directory of this name. */
  LogImage without(String name) {
    SortedMap<String, Content> changed = new TreeMap<>(files);
    changed.keySet().removeIf(file -> file.equals(name) || file.startsWith(name + "/"));
    return new LogImage(changed);
  }

  /** The names of those that are not the same in both. */
  List<String> differences(LogImage other) {
    List<String> different = new ArrayList<>();
    for (String name : files.keySet()) {
      Content there = other.files.get(name);
      if (there == null || !there.sameAs(get(name))) {
        different.add(name);
      }
    }
    other.files.keySet().stream().filter(name -> !files.containsKey(name)).forEach(different::add);
    return different;
  }

  private static Content read(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long length = file.length();
      byte[] bytes = new byte[(int) Math.min(length, 8 << 20)];
      file.readFully(bytes);
      Content content = new Content(bytes, length);
      return new Content(Arrays.copyOf(bytes, content.used()), length);
    }
  }

  private static void write(Path path, Content content) throws IOException {
    Path parent = path.getParent();
    if (parent != null && Files.notExists(parent)) {
      Files.createDirectories(parent);
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(content.bytes());
      file.setLength(content.bytes().length);
      file.setLength(content.length());
    }
  }

  /** The deepest first. */
  private static List<Path> all(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths
          .filter(path -> !path.equals(directory))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.findAny().isEmpty();
    }
  }
}
