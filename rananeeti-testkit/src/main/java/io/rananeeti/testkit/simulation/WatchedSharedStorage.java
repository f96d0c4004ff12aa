package io.rananeeti.testkit.simulation;

import io.rananeeti.log.SharedLogStorage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether a node is taken for dead that said a word within the lease: what is written under
 * its number by another comes at least a lease after what it has begun to write last.
 *
 * <p>Of a word whose answer was lost it knows nothing, so it may miss one, and never complains of
 * one that is right. For the threads of a simulation, of which one runs at a time.
 */
final class WatchedSharedStorage {

  private record Word(String node, long version, long began) {}

  private final String presences;
  private final Simulation simulation;
  private final Duration lease;
  private final Consumer<String> complaints;
  private final Map<Long, Word> last = new HashMap<>();

  WatchedSharedStorage(
      String platform, Simulation simulation, Duration lease, Consumer<String> complaints) {
    this.presences = platform + "/nodes";
    this.simulation = simulation;
    this.lease = lease;
    this.complaints = complaints;
  }

  /** The storage as a node asks it, watched. */
  SharedLogStorage of(String node, SharedLogStorage storage) {
    return new Watched(node, storage);
  }

  private void said(long number, Word word) {
    Word before = last.get(number);
    if (before != null && before.version() > word.version()) {
      return; // Its node has slept before it heard that it was said.
    }
    last.put(number, word);
    if (before != null && !before.node().equals(word.node())) {
      Duration silent = Duration.ofNanos(simulation.nanos() - before.began());
      if (silent.compareTo(lease) < 0) {
        complaints.accept(
            "%s, node %d, is taken for dead by %s after %s of a lease of %s"
                .formatted(before.node(), number, word.node(), silent, lease));
      }
    }
  }

  private final class Watched implements SharedLogStorage {

    private final String node;
    private final SharedLogStorage storage;

    Watched(String node, SharedLogStorage storage) {
      this.node = node;
      this.storage = storage;
    }

    @Override
    public int maxBytes() {
      return storage.maxBytes();
    }

    @Override
    public @Nullable Value read(String partition, long key) throws IOException {
      return storage.read(partition, key);
    }

    @Override
    public List<Value> list(String partition, long fromKey, int most) throws IOException {
      return storage.list(partition, fromKey, most);
    }

    @Override
    public boolean write(String partition, long key, long ifVersion, byte[] bytes)
        throws IOException {
      long began = simulation.nanos();
      boolean written = storage.write(partition, key, ifVersion, bytes);
      if (written && partition.equals(presences)) {
        said(key, new Word(node, ifVersion + 1, began));
      }
      return written;
    }

    @Override
    public boolean remove(String partition, long key, long ifVersion) throws IOException {
      return storage.remove(partition, key, ifVersion);
    }

    @Override
    public long add(String counter, long n) throws IOException {
      return storage.add(counter, n);
    }

    @Override
    public void close() {
      storage.close();
    }
  }
}
