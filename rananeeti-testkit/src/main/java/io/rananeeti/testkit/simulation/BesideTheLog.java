package io.rananeeti.testkit.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut leaves of the log's file {@code proof}, a real one. It is overwritten after each
 * force of the log and not forced itself, but before the log gives anything back: so what is found
 * after the cut may be anything that was written since then, or torn.
 */
final class BesideTheLog {

  private static final String PROOF = "proof";

  private final Counters counters;
  private final List<byte[]> written = new ArrayList<>();
  private @Nullable Path directory;

  BesideTheLog(Counters counters) {
    this.counters = counters;
  }

  /** A process opens its log in this directory. */
  void opened(Path opened) {
    directory = opened;
    written.clear();
  }

  /** The log is about to be forced, and what its last force proved is about to be overwritten. */
  void overwritten() {
    byte[] now = read();
    if (now != null) {
      written.add(now);
    }
  }

  /** The log is about to give space back: what proves it is on disk. */
  void forced() {
    written.clear();
  }

  /** The machine loses its power. */
  void crash(SeededRandom random) {
    byte[] now = read();
    if (now == null || written.isEmpty() || random.nextBoolean()) {
      return;
    }
    byte[] older = random.oneOf(written);
    if (random.oneIn(4)) {
      byte[] torn = older.clone();
      System.arraycopy(now, 0, torn, 0, random.nextInt(Math.min(now.length, torn.length)));
      write(torn);
      counters.count(Branch.PROOF_TORN);
    } else if (!Arrays.equals(now, older)) {
      write(older);
      counters.count(Branch.PROOF_OLDER);
    }
  }

  private byte @Nullable [] read() {
    Path parent = directory;
    try {
      return parent == null || Files.notExists(parent.resolve(PROOF))
          ? null
          : Files.readAllBytes(parent.resolve(PROOF));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(byte[] bytes) {
    Path parent = directory;
    if (parent == null) {
      return;
    }
    try {
      Files.write(parent.resolve(PROOF), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
