package io.rananeeti.internal;

import io.rananeeti.internal.BacklogReader.Item;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Splits what waits into lanes: the unkeyed transactions are one, each ordering key is another
 * (D2). Inside a lane one follows the other; lanes run side by side. Where one is among them whose
 * COMMIT was sent once already, all are one lane: the database had put those in order by their
 * rows, whatever their keys, and the log has that order. Owned by the drain's owner thread, which
 * works along.
 */
final class Lanes {

  /** Applies one lane, in order. */
  interface Work {
    void run(List<Item> lane) throws StoreException, InterruptedException;
  }

  private final String name;
  private final int width;
  private final Seams seams;

  Lanes(String name, int width, Seams seams) {
    this.name = name;
    this.width = width;
    this.seams = seams;
  }

  /**
   * Runs all lanes, and returns when each has ended.
   *
   * @throws StoreException what a lane threw first; others have been finished, or not begun
   */
  void run(List<Item> items, Work work) throws StoreException, InterruptedException {
    ConcurrentLinkedQueue<List<Item>> lanes = new ConcurrentLinkedQueue<>(split(items));
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Seams.Running> helpers = new ArrayList<>();
    for (int i = 1; i < Math.min(width, lanes.size()); i++) {
      helpers.add(seams.start(name + "-" + i, () -> take(lanes, work, failure)));
    }
    take(lanes, work, failure);
    for (Seams.Running helper : helpers) {
      helper.join(Deadline.NEVER);
    }
    rethrow(failure.get());
  }

  private static void take(
      ConcurrentLinkedQueue<List<Item>> lanes,
      Work work,
      AtomicReference<@Nullable Throwable> failure) {
    List<Item> lane = lanes.poll();
    while (lane != null && failure.get() == null) {
      try {
        work.run(lane);
      } catch (StoreException | InterruptedException | RuntimeException | Error e) {
        if (!failure.compareAndSet(null, e)) {
          return;
        }
      }
      lane = lanes.poll();
    }
  }

  private static void rethrow(@Nullable Throwable failure)
      throws StoreException, InterruptedException {
    if (failure instanceof StoreException e) {
      throw e;
    }
    if (failure instanceof InterruptedException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private static List<List<Item>> split(List<Item> items) {
    if (items.stream().anyMatch(Item::again)) {
      return List.of(items);
    }
    Map<String, List<Item>> keyed = new LinkedHashMap<>();
    List<Item> unkeyed = new ArrayList<>();
    for (Item item : items) {
      String key = item.transaction().orderingKey();
      (key == null ? unkeyed : keyed.computeIfAbsent(key, any -> new ArrayList<>())).add(item);
    }
    List<List<Item>> lanes = new ArrayList<>();
    if (!unkeyed.isEmpty()) {
      lanes.add(unkeyed);
    }
    lanes.addAll(keyed.values());
    return lanes;
  }
}
