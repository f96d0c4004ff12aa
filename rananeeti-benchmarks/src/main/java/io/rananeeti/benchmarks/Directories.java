package io.rananeeti.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Directories that are there for the length of a benchmark. */
public final class Directories {

  private Directories() {}

  /** A new one in this directory, which is made if it is not there; in the working one if null. */
  public static Path make(@Nullable Path in) throws IOException {
    Path parent = in == null ? Path.of("").toAbsolutePath() : in;
    Files.createDirectories(parent);
    return Files.createTempDirectory(parent, "benchmark-");
  }

  /** Deletes one with all that is in it. */
  public static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.walk(directory)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
