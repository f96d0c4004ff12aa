package io.rananeeti.internal;

import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Lease;
import io.rananeeti.store.ValueRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The values of sequences that the platform holds, and which of them it may still give out.
 *
 * <p>All values that were ever leased of one sequence are numbered from 0, in the order in which
 * they were leased. Two records keep them: {@link LogRecord.Leased} says which values stand at a
 * number and behind it, {@link LogRecord.Drawn} is a watermark below which values may have been
 * given out. Values at or above the watermark were given to nobody.
 *
 * <p><b>Who dies when.</b> A value is given out only once a watermark above it is on disk, whatever
 * durability the application has chosen for its transactions; and the lease stands before the
 * watermark in the log, so it is on disk then, too.
 *
 * <ul>
 *   <li>Death between the draw in the store and the lease's record: nobody has the values. A gap.
 *   <li>Death between the record and its force, or any watermark's: the record may be there or not,
 *       and no value that it covers was given out. A gap, or nothing.
 *   <li>Death after a watermark's force: values below it that were not given out yet are never
 *       given out. A gap of at most a chunk.
 * </ul>
 *
 * <p>So a number is given out at most once in the life of a log, and a value has one number, since
 * the sequence gives it once (a sequence that cycles is never leased). Where a person has accepted
 * that entries of the log are lost, a watermark may be among them: all that had been leased before
 * is given up. So it is where a store is adopted that has another history, whose sequences know
 * nothing of these leases.
 *
 * <p>The log keeps everything from the oldest lease on of which values are left. Now and then what
 * is left is written again, with the number at which it stands, so that the space before it can be
 * given back. A crash in between leaves both, and they say the same.
 *
 * <p>Thread-safe. Its lock is held while a record is appended, so that records stand in the log in
 * the order of what they say; never while the disk is waited for. Nothing here costs anything while
 * nothing is leased.
 */
final class LeaseBook {

  private static final int WRITTEN_AGAIN = 1_000;
  private static final int LEAST_CHUNK = 8;
  private static final int MOST_CHUNK = 256;

  private record Key(String store, String sequence) {}

  /** What is held of one sequence. Guarded by the book's waiter. */
  private static final class Stock {

    private final Deque<ValueRange> values = new ArrayDeque<>();
    private long next;
    private long end;
    private long drawn;
    private long drawnAt;
    private long keptFrom;
    private @Nullable Long furthest;
    private @Nullable String state;

    private long left() {
      return end - next;
    }

    /** What stands at this number and behind it. */
    private void put(long from, List<ValueRange> ranges) {
      if (from > end) {
        pass(from);
      }
      cut(Math.max(from, next));
      long skipped = next - Math.min(from, next);
      long at = from;
      for (ValueRange range : ranges) {
        farther(range);
        if (skipped < range.count()) {
          values.add(skipped == 0 ? range : range.without(skipped));
        }
        skipped = Math.max(0, skipped - range.count());
        at += range.count();
      }
      end = Math.max(at, next);
    }

    private void farther(ValueRange range) {
      Long before = furthest;
      long last = range.last();
      if (before == null || (range.step() > 0 ? last > before : last < before)) {
        furthest = last;
      }
    }

    /** Forgets what stands at this number and behind it. */
    private void cut(long from) {
      while (end > from && !values.isEmpty()) {
        ValueRange last = values.removeLast();
        long first = end - last.count();
        if (first < from) {
          values.addLast(new ValueRange(last.first(), from - first, last.step()));
        }
        end = Math.max(first, from);
      }
    }

    /** No value with a smaller number is given out any more. */
    private void pass(long below) {
      take(Math.min(below, end) - next);
      next = Math.max(next, below);
      end = Math.max(end, next);
      drawn = Math.max(drawn, below);
    }

    private long[] take(long count) {
      long[] taken = new long[(int) Math.max(0, count)];
      for (int i = 0; i < taken.length; i++) {
        ValueRange first = values.removeFirst();
        taken[i] = first.first();
        next++;
        if (first.count() > 1) {
          values.addFirst(first.without(1));
        }
      }
      return taken;
    }

    /** The values at the watermark and behind it. */
    private List<ValueRange> undrawn() {
      List<ValueRange> undrawn = new ArrayList<>();
      long skipped = drawn - next;
      for (ValueRange range : values) {
        if (skipped < range.count()) {
          undrawn.add(skipped == 0 ? range : range.without(skipped));
        }
        skipped = Math.max(0, skipped - range.count());
      }
      return undrawn;
    }
  }

  private final TransactionLog log;
  private final Waiter waiter;
  private final Map<Key, Stock> stocks = new ConcurrentHashMap<>();

  LeaseBook(TransactionLog log, Seams seams) {
    this.log = log;
    this.waiter = seams.newWaiter();
  }

  /** The scan at open has found a lease at this place of the log. */
  void found(LogRecord.Leased leased, long entry) {
    Stock stock = stock(leased.store(), leased.sequence());
    if (stock.left() == 0) {
      stock.keptFrom = entry;
    }
    stock.put(leased.from(), leased.values());
    stock.state = leased.state();
    if (leased.furthest() != null) {
      stock.furthest = leased.furthest();
    }
  }

  /** The scan at open has found a watermark. */
  void found(LogRecord.Drawn drawn) {
    stock(drawn.store(), drawn.sequence()).pass(drawn.below());
  }

  /** The scan at open has found the place of a lost entry: it may have been a watermark. */
  void lost() {
    stocks.values().forEach(stock -> stock.pass(stock.end));
  }

  /**
   * Gives up all that was leased of a store: its sequences are others now. How far they were leased
   * is still known, because what waits, or comes back as a dead letter, may hold such values, and a
   * sequence of the same name has to be moved past them before it is applied there (R4).
   */
  void forget(String store) {
    stocks.forEach(
        (key, stock) -> {
          if (key.store().equals(store)) {
            waiter.lock();
            try {
              stock.pass(stock.end);
            } finally {
              waiter.unlock();
            }
          }
        });
  }

  /** How many values of a sequence are left; -1 if none ever was leased. */
  long left(String store, String sequence) {
    Stock stock = stocks.get(new Key(store, sequence));
    if (stock == null) {
      return -1;
    }
    waiter.lock();
    try {
      return stock.left();
    } finally {
      waiter.unlock();
    }
  }

  /** Whether a lease would be kept. */
  boolean takesLeases() {
    return log.takesEntries();
  }

  /** Keeps values that were drawn from the store; they are on disk when this returns. */
  void add(String store, Lease lease) {
    long entry;
    waiter.lock();
    try {
      Stock stock = stock(store, lease.sequence());
      entry =
          log.append(
              new LogRecord.Leased(
                  store, lease.sequence(), stock.end, lease.values(), lease.state(), null));
      if (stock.left() == 0) {
        stock.keptFrom = entry;
      }
      stock.put(stock.end, lease.values());
      stock.state = lease.state();
    } finally {
      waiter.unlock();
    }
    log.force(entry);
  }

  /**
   * Gives out values.
   *
   * @return null if so many are not left
   * @throws LogFullException if the log takes nothing; none is given out
   * @throws io.rananeeti.error.LogFailedException if the log has ended; none is given out
   */
  long @Nullable [] draw(String store, String sequence, int count) {
    Stock stock = stocks.get(new Key(store, sequence));
    if (stock == null) {
      return null;
    }
    long[] taken;
    long entry;
    waiter.lock();
    try {
      if (stock.left() < count) {
        return null;
      }
      if (stock.next + count > stock.drawn) {
        raise(store, sequence, stock, count);
      }
      taken = stock.take(count);
      entry = stock.drawnAt;
    } finally {
      waiter.unlock();
    }
    log.force(entry);
    return taken;
  }

  /** The watermark goes ahead of what is given out, by a chunk. */
  private void raise(String store, String sequence, Stock stock, int count) {
    if (!log.takesEntries()) {
      throw new LogFullException(
          "the log takes nothing, so no value of sequence %s can be given out; give it space"
              .formatted(sequence),
          null);
    }
    long chunk = Math.max(LEAST_CHUNK, Math.min(MOST_CHUNK, stock.left() / 8));
    long below = Math.min(stock.end, stock.next + Math.max(count, chunk));
    stock.drawnAt = log.append(new LogRecord.Drawn(store, sequence, below));
    stock.drawn = below;
  }

  /** Values that can't be used any more: their sequence is gone. */
  void drop(String store, String sequence) {
    giveUp(store, sequence, false);
  }

  /**
   * Values that can't be used any more. That they can't is on disk when this returns.
   *
   * @param remembered whether it is still known how far the sequence was leased
   */
  void giveUp(String store, String sequence, boolean remembered) {
    long entry = 0;
    waiter.lock();
    try {
      Stock stock = stock(store, sequence);
      if (stock.left() > 0) {
        try {
          entry = log.append(new LogRecord.Drawn(store, sequence, stock.end));
          stock.drawnAt = entry;
        } finally {
          stock.pass(stock.end);
        }
      }
      if (!remembered) {
        stock.furthest = null;
      }
    } finally {
      waiter.unlock();
    }
    if (entry > 0) {
      log.force(entry);
    }
  }

  /** The sequences of a store of which values are left. */
  Set<String> held(String store) {
    Set<String> held = new TreeSet<>();
    stocks.forEach(
        (key, stock) -> {
          if (key.store().equals(store) && left(store, key.sequence()) > 0) {
            held.add(key.sequence());
          }
        });
    return held;
  }

  /** Whether what was leased last is of the sequence that has this state. */
  boolean isOf(String store, String sequence, @Nullable String state) {
    Stock stock = stocks.get(new Key(store, sequence));
    if (stock == null) {
      return true;
    }
    waiter.lock();
    try {
      return stock.state != null && stock.state.equals(state);
    } finally {
      waiter.unlock();
    }
  }

  /**
   * Whether a lease begins at or before the furthest value that was leased: somebody has moved the
   * sequence back, and it gives values again.
   */
  boolean comesAgain(String store, Lease lease) {
    Stock stock = stocks.get(new Key(store, lease.sequence()));
    if (stock == null) {
      return false;
    }
    waiter.lock();
    try {
      Long before = stock.furthest;
      ValueRange first = lease.values().get(0);
      return before != null
          && (first.step() > 0 ? first.first() <= before : first.first() >= before);
    } finally {
      waiter.unlock();
    }
  }

  /** The furthest value that was leased of each sequence of a store, in its direction (R4). */
  Map<String, Long> furthest(String store) {
    Map<String, Long> furthest = new TreeMap<>();
    stocks.forEach(
        (key, stock) -> {
          Long value = locked(stock);
          if (key.store().equals(store) && value != null) {
            furthest.put(key.sequence(), value);
          }
        });
    return furthest;
  }

  private @Nullable Long locked(Stock stock) {
    waiter.lock();
    try {
      return stock.furthest;
    } finally {
      waiter.unlock();
    }
  }

  /**
   * The log is needed from this entry on. What is left of old leases is written again.
   *
   * @param waits whether transactions or dead letters wait for a store: as long as they do, it is
   *     known how far its sequences were leased, since they may hold such values
   */
  long needed(Predicate<String> waits) {
    long needed = Long.MAX_VALUE;
    for (Map.Entry<Key, Stock> each : stocks.entrySet()) {
      boolean used = waits.test(each.getKey().store());
      needed = Math.min(needed, needed(each.getKey(), each.getValue(), used));
    }
    return needed;
  }

  private long needed(Key key, Stock stock, boolean used) {
    long again = 0;
    long needed;
    waiter.lock();
    try {
      if (stock.left() > 0 && log.forced() - stock.keptFrom > WRITTEN_AGAIN) {
        again =
            log.append(
                new LogRecord.Leased(
                    key.store(),
                    key.sequence(),
                    stock.drawn,
                    stock.undrawn(),
                    stock.state,
                    stock.furthest));
        stock.keptFrom = again;
      }
      needed = stock.left() > 0 || used ? stock.keptFrom : Long.MAX_VALUE;
    } finally {
      waiter.unlock();
    }
    if (again > 0) {
      log.force(again);
    }
    return needed;
  }

  private Stock stock(String store, String sequence) {
    return stocks.computeIfAbsent(new Key(store, sequence), any -> new Stock());
  }
}
