package io.rananeeti.testkit;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.SharedLogStorage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes of one test or simulation share, in memory, with everything that can happen to a
 * request on its way. Each node, and each process that a node has been, asks through an own {@link
 * #node(String)}. Thread-safe; it starts no threads, and waits through the seams only.
 *
 * <p>A write that arrives late is done when {@link #deliverLate()} is called, or at the first call
 * of anybody after its time, or never.
 */
public final class InMemorySharedStorage {

  /** What becomes of a write whose reply is lost. */
  public enum Fate {
    /** It is done; only the reply is lost. */
    DONE,
    /** It never arrives. */
    LOST,
    /** It is still under way, and may be done after later calls: see the class. */
    LATE
  }

  /**
   * What requests meet by chance. Rates are from 0 to 1.
   *
   * @param lostReplies of calls, lose their reply; of writes, each {@link Fate} is as likely
   * @param delay the longest time that a request is under way
   * @param late the longest time until a late write is done
   */
  public record Weather(double lostReplies, Duration delay, Duration late) {

    /** Nothing happens to anything. */
    public static final Weather CALM = new Weather(0, Duration.ZERO, Duration.ZERO);
  }

  private static final int DEFAULT_MAX_BYTES = 380 * 1024;
  private static final Fate[] FATES = Fate.values();

  private final Seams seams;
  private final int maxBytes;
  private final Waiter waiter;
  private final Map<String, NavigableMap<Long, SharedLogStorage.Value>> partitions =
      new HashMap<>();
  private final Map<String, Long> counters = new HashMap<>();
  private final Set<String> unreachable = new HashSet<>();
  private final Map<String, Deque<Fate>> fates = new HashMap<>();
  private final Map<String, Deque<Runnable>> beforeReplies = new HashMap<>();
  private final Deque<Late> late = new ArrayDeque<>();
  private @Nullable RandomGenerator random;
  private Weather weather = Weather.CALM;
  private boolean gone;
  private long calls;

  /** With values as large as DynamoDB's. */
  public InMemorySharedStorage(Seams seams) {
    this(seams, DEFAULT_MAX_BYTES);
  }

  /** With values of so many bytes at the most. */
  public InMemorySharedStorage(Seams seams, int maxBytes) {
    this.seams = seams;
    this.maxBytes = maxBytes;
    this.waiter = seams.newWaiter();
  }

  /**
   * The storage as a node asks it.
   *
   * @param name of the node, by which its faults are chosen; several processes may have the same
   */
  public SharedLogStorage node(String name) {
    return new Node(name, false);
  }

  /** The storage for whoever judges: what is there now, whatever befalls the requests of nodes. */
  public SharedLogStorage asItIs() {
    return new Node("whoever judges", true);
  }

  /** From now on requests meet this weather, drawn from that source alone. */
  public void weather(Weather replacement, RandomGenerator source) {
    locked(
        () -> {
          weather = replacement;
          random = source;
        });
  }

  /** Whether nobody reaches it: calls fail, and do nothing. */
  public void unreachable(boolean on) {
    locked(() -> gone = on);
  }

  /** Whether this node does not reach it. */
  public void unreachable(String node, boolean on) {
    locked(
        () -> {
          unreachable.remove(node);
          if (on) {
            unreachable.add(node);
          }
        });
  }

  /** The reply to the next write, removal or addition of this node is lost. */
  public void loseReply(String node, Fate fate) {
    locked(() -> fates.computeIfAbsent(node, any -> new ArrayDeque<>()).add(fate));
  }

  /**
   * What is to happen once, when the n-th call of this node from now on, from 1, is done and its
   * reply is still under way. It replaces what was to happen earlier; to be quick.
   */
  public void beforeReply(String node, int nth, Runnable action) {
    Deque<Runnable> actions = new ArrayDeque<>(Collections.nCopies(nth - 1, () -> {}));
    actions.add(action);
    locked(() -> beforeReplies.put(node, actions));
  }

  /** Late writes are done now, in the order in which they were sent. */
  public void deliverLate() {
    locked(() -> deliver(Long.MAX_VALUE));
  }

  /** Changes the bytes of a value that is there behind everybody's back. */
  public void damage(String partition, long key, UnaryOperator<byte[]> change) {
    locked(
        () -> {
          NavigableMap<Long, SharedLogStorage.Value> values = partition(partition);
          SharedLogStorage.Value value = values.get(key);
          if (value == null) {
            throw new IllegalArgumentException("no value under %s %d".formatted(partition, key));
          }
          byte[] changed = change.apply(value.bytes().clone());
          values.put(key, new SharedLogStorage.Value(key, value.version(), changed));
        });
  }

  /** How many calls there were, of all nodes, answered or not. */
  public long calls() {
    waiter.lock();
    try {
      return calls;
    } finally {
      waiter.unlock();
    }
  }

  private void locked(Runnable change) {
    waiter.lock();
    try {
      change.run();
    } finally {
      waiter.unlock();
    }
  }

  private NavigableMap<Long, SharedLogStorage.Value> partition(String name) {
    return partitions.computeIfAbsent(name, any -> new TreeMap<>());
  }

  private void deliver(long until) {
    Iterator<Late> each = late.iterator();
    while (each.hasNext()) {
      Late write = each.next();
      if (write.due <= until) {
        each.remove();
        write.effect.run();
      }
    }
  }

  private boolean put(String partition, long key, long ifVersion, byte[] bytes) {
    NavigableMap<Long, SharedLogStorage.Value> values = partition(partition);
    SharedLogStorage.Value value = values.get(key);
    if ((value == null ? 0 : value.version()) != ifVersion) {
      return false;
    }
    values.put(key, new SharedLogStorage.Value(key, ifVersion + 1, bytes));
    return true;
  }

  private boolean delete(String partition, long key, long ifVersion) {
    NavigableMap<Long, SharedLogStorage.Value> values = partition(partition);
    SharedLogStorage.Value value = values.get(key);
    return value != null && value.version() == ifVersion && values.remove(key) != null;
  }

  private record Late(long due, Runnable effect) {}

  private interface Effect<T> {
    T apply();
  }

  private final class Node implements SharedLogStorage {

    private final String name;
    private final boolean calm;
    private boolean closed;

    Node(String name, boolean calm) {
      this.name = name;
      this.calm = calm;
    }

    @Override
    public int maxBytes() {
      return maxBytes;
    }

    @Override
    public @Nullable Value read(String partition, long key) throws IOException {
      return call(false, () -> Optional.ofNullable(partition(partition).get(key))).orElse(null);
    }

    @Override
    public List<Value> list(String partition, long fromKey, int most) throws IOException {
      if (most < 1) {
        throw new IllegalArgumentException("most=" + most + " is below 1");
      }
      return call(false, () -> page(partition(partition).tailMap(fromKey, true), most));
    }

    /** As many as one request of DynamoDB's brings: about a megabyte. */
    private List<Value> page(Map<Long, Value> values, int most) {
      List<Value> page = new ArrayList<>();
      long bytes = 0;
      for (Value value : values.values()) {
        bytes += value.bytes().length;
        if (page.size() == most || (!page.isEmpty() && bytes > 1 << 20)) {
          break;
        }
        page.add(value);
      }
      return page;
    }

    @Override
    public boolean write(String partition, long key, long ifVersion, byte[] bytes)
        throws IOException {
      if (bytes.length > maxBytes) {
        throw new IllegalArgumentException(
            "a value too large, bytes=%d most=%d".formatted(bytes.length, maxBytes));
      }
      byte[] copy = bytes.clone();
      return call(true, () -> put(partition, key, ifVersion, copy));
    }

    @Override
    public boolean remove(String partition, long key, long ifVersion) throws IOException {
      return call(true, () -> delete(partition, key, ifVersion));
    }

    @Override
    public long add(String counter, long n) throws IOException {
      if (n < 1) {
        throw new IllegalArgumentException("n=" + n + " is below 1");
      }
      return call(true, () -> counters.merge(counter, n, Long::sum));
    }

    @Override
    public void close() {
      locked(
          () -> {
            closed = true;
            waiter.signalAll();
          });
    }

    private <T> T call(boolean changes, Effect<T> effect) throws IOException {
      waiter.lock();
      try {
        if (calm) {
          return effect.apply();
        }
        calls++;
        travel();
        deliver(seams.nanoTime());
        Fate fate = fate(changes);
        if (fate == null) {
          T result = effect.apply();
          comeBack();
          return result;
        }
        lose(fate, effect);
        throw new IOException("a reply that was lost: what was asked of %s".formatted(this));
      } finally {
        waiter.unlock();
      }
    }

    private void lose(Fate fate, Effect<?> effect) {
      if (fate == Fate.DONE) {
        effect.apply();
      } else if (fate == Fate.LATE) {
        long due = weather.late.isZero() ? Long.MAX_VALUE : drawnUpTo(weather.late);
        late.add(new Late(due, effect::apply));
      }
    }

    private long drawnUpTo(Duration most) {
      RandomGenerator source = random;
      return seams.nanoTime() + (source == null ? 0 : source.nextLong(most.toNanos() + 1));
    }

    /** Null if the reply arrives. */
    private @Nullable Fate fate(boolean changes) {
      Deque<Fate> wanted = fates.get(name);
      Fate fate = changes && wanted != null ? wanted.poll() : null;
      RandomGenerator source = random;
      if (fate != null || source == null || weather.lostReplies == 0) {
        return fate;
      }
      if (source.nextDouble() >= weather.lostReplies) {
        return null;
      }
      return changes ? FATES[source.nextInt(FATES.length)] : Fate.LOST;
    }

    private void comeBack() throws IOException {
      Deque<Runnable> actions = beforeReplies.getOrDefault(name, new ArrayDeque<>());
      Runnable action = actions.poll();
      if (action != null) {
        action.run();
        letOthersGoOn();
      }
      travel();
    }

    /** The action may have held up this node, which must not keep the lock meanwhile. */
    private void letOthersGoOn() throws IOException {
      waiter.unlock();
      Waiter moment = seams.newWaiter();
      moment.lock();
      try {
        moment.await(() -> false, seams.nanoTime() + 1);
      } catch (InterruptedException interrupt) {
        throw interrupted();
      } finally {
        moment.unlock();
        waiter.lock();
      }
    }

    private void travel() throws IOException {
      RandomGenerator source = random;
      travel(source == null ? 0 : source.nextLong(weather.delay.toNanos() + 1) / 2);
    }

    private void travel(long nanos) throws IOException {
      refuse();
      if (nanos > 0) {
        try {
          waiter.await(() -> closed, seams.nanoTime() + nanos);
        } catch (InterruptedException interrupt) {
          throw interrupted();
        }
        refuse();
      }
    }

    private InterruptedIOException interrupted() {
      Thread.currentThread().interrupt();
      return new InterruptedIOException("interrupted on the way to the shared storage");
    }

    private void refuse() throws IOException {
      if (closed) {
        throw new IOException("this node's shared storage is closed");
      }
      if (gone || unreachable.contains(name)) {
        throw new IOException("the shared storage can't be reached, as was asked for");
      }
    }

    @Override
    public String toString() {
      return "the shared storage, by node " + name;
    }
  }
}
