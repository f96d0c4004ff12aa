package io.rananeeti.examples.cafe;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One of several cafes that share their logs, with a directory of its own. One thread strikes it,
 * any may ask.
 */
final class CafeNode implements AutoCloseable {

  /** What it does. */
  enum State {
    /** It works. */
    RUNNING,
    /** SIGSTOP. */
    PAUSED,
    /** There is no process. */
    DEAD
  }

  private final String name;
  private final Path home;
  private final Map<String, String> environment;
  private volatile State state = State.DEAD;
  private volatile @Nullable CafeProcess process;
  private int disks;

  CafeNode(String name, Path home, Map<String, String> environment) {
    this.name = name;
    this.home = home;
    this.environment = environment;
  }

  /** Starts it on what it has left, if it does not run. */
  void start() throws Exception {
    if (state == State.DEAD) {
      process = CafeProcess.start(data(), environment);
      state = State.RUNNING;
    }
  }

  private Path data() {
    return home.resolve(name + "-" + disks);
  }

  State state() {
    return state;
  }

  CafeProcess cafe() {
    return Objects.requireNonNull(process);
  }

  /** Where it takes orders, or did. */
  URI orders() {
    return cafe().uri("/order");
  }

  void kill() throws InterruptedException {
    state = State.DEAD;
    cafe().kill();
  }

  /** What is on the disk of a killed node is gone; the next start is that of another node. */
  void loseDisk() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(data())) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    disks++;
  }

  void pause() throws Exception {
    state = State.PAUSED;
    cafe().pause();
  }

  void resume() throws Exception {
    if (state == State.PAUSED) {
      cafe().resume();
      state = State.RUNNING;
    }
  }

  /** Ends it at once, however it is. */
  @Override
  public void close() {
    if (state != State.DEAD) {
      cafe().end();
      state = State.DEAD;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
