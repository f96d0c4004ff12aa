package io.rananeeti.internal.shared;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The order of what all nodes have accepted, read from the copies of their logs.
 *
 * <p>Each batch of a copy has a <em>ticket</em>, drawn from one counter before it is written, and a
 * transaction is acknowledged after that: so of two transactions of which one was acknowledged
 * before the other was begun, the first has the smaller ticket. A transaction may be applied once
 * no other node's of the same key with a smaller ticket waits. That stays so once it is so; a node
 * that sleeps between this look and its COMMIT therefore breaks no order, and the ledger sees to it
 * that nothing is applied twice.
 *
 * <p>A dead letter of another node parks its key here too, until it is dealt with; so does a unit
 * of work that waits for another store than its own, or that was left to its node's drain, and what
 * is blocked by a lock, until it is applied.
 *
 * <p>A copy gives back what is settled, also if a node that was asleep has read only that it waits,
 * and not how it ended. Such a node reads what is left of that copy anew: or what it takes for
 * waiting would wait for ever, and all that comes after it on all nodes. Memory: about 200 bytes
 * for each transaction that waits anywhere. Thread-safe.
 */
public final class SharedOrder {

  /** The ordering key of units that the application has given none: they are one sequence. */
  public static final String UNKEYED_UNITS = "rananeeti.units";

  /**
   * What has one order.
   *
   * @param orderingKey null for all unkeyed transactions
   */
  public record Key(String store, @Nullable String orderingKey) {

    static Key of(Transaction transaction) {
      return new Key(transaction.store(), transaction.orderingKey());
    }
  }

  /**
   * A place in the order.
   *
   * @param moved whether the log that it is in now has it behind what has come after it
   * @param state how it waits
   */
  private record Place(Key key, long ticket, boolean moved, State state) {

    Place in(State now) {
      return new Place(key, ticket, moved, now);
    }
  }

  /** How a transaction waits. */
  private enum State {
    /** For its turn. */
    ACCEPTED,
    /**
     * A unit of work that its caller commits, as far as its copy says: nobody was told of it, so
     * its key is parked for nobody. Before anybody is told that it was accepted, it is {@link
     * #DELAYED} in the copy.
     */
    IN_HAND,
    /**
     * A unit of work that waits for another store or was left to its node's drain, or what is
     * blocked by a lock. It parks its key, as a dead letter does.
     */
    DELAYED
  }

  /** The tickets of each key; those of what was moved also by themselves. */
  private static final class Index {

    private final Map<Key, NavigableMap<Long, Integer>> all = new HashMap<>();
    private final Map<Key, NavigableMap<Long, Integer>> moved = new HashMap<>();

    void add(Place place) {
      count(all, place, 1);
      if (place.moved()) {
        count(moved, place, 1);
      }
    }

    void remove(Place place) {
      count(all, place, -1);
      if (place.moved()) {
        count(moved, place, -1);
      }
    }

    private static void count(Map<Key, NavigableMap<Long, Integer>> index, Place place, int more) {
      NavigableMap<Long, Integer> ofKey =
          index.computeIfAbsent(place.key(), any -> new TreeMap<>());
      if (ofKey.merge(place.ticket(), more, Integer::sum) == 0) {
        ofKey.remove(place.ticket());
      }
      if (ofKey.isEmpty()) {
        index.remove(place.key());
      }
    }

    /**
     * Those whose place another one of this key may not go before.
     *
     * @param own whether that is of the same log, whose own order stands but for what was moved
     */
    private Map<Key, NavigableMap<Long, Integer>> of(boolean own) {
      return own ? moved : all;
    }

    /** The smallest of them; larger than any if there is none. */
    long first(Key key, boolean own) {
      NavigableMap<Long, Integer> tickets = of(own).get(key);
      return tickets == null ? Long.MAX_VALUE : tickets.firstKey();
    }
  }

  /** What one copy has said so far. */
  private static final class Copy {

    private final LogCopies.Source source;
    private final List<LogEntry> unseen = new ArrayList<>();
    private final Map<TransactionId, Place> waiting = new HashMap<>();
    private final Map<TransactionId, Place> letters = new HashMap<>();
    private final Map<State, Index> tickets = new EnumMap<>(State.class);
    private final Set<TransactionId> inHand = new HashSet<>();
    private final Index parked = new Index();
    private final Map<TransactionId, Long> moved = new HashMap<>();
    private final Map<TransactionId, Key> sent = new HashMap<>();
    private final NavigableMap<Long, Long> runs = new TreeMap<>();
    private long ticket;
    private long upTo;

    Copy(LogCopies.Source source) {
      this.source = source;
      for (State state : State.values()) {
        tickets.put(state, new Index());
      }
    }

    private Index tickets(State state) {
      return Objects.requireNonNull(tickets.get(state));
    }

    private void takeUnseen() {
      unseen.forEach(this::take);
      trim();
      unseen.clear();
    }

    private void take(LogEntry entry) {
      LogRecord record = entry.record();
      if (record instanceof LogRecord.Copied copied) {
        if (copied.ticket() != 0) {
          runs.put(upTo + 1, copied.ticket());
        }
        ticket = copied.ticket();
        upTo = Math.max(upTo, copied.upTo());
      } else if (record instanceof LogRecord.Moved from) {
        moved(from);
      } else if (record instanceof LogRecord.Accepted accepted) {
        accepted(accepted);
      } else if (record instanceof LogRecord.Delayed delayed) {
        delayed(delayed.id());
      } else if (record instanceof LogRecord.Retained retained) {
        sent.put(retained.transaction().id(), Key.of(retained.transaction()));
      } else if (record instanceof LogRecord.Deferred deferred) {
        deferred(deferred.id());
      } else if (record instanceof LogRecord.Mark mark) {
        marked(mark);
      }
    }

    /** Unless it was settled before that was written. */
    private void deferred(TransactionId id) {
      Key key = sent.get(id);
      if (key != null) {
        add(id, new Place(key, ticket, false, State.ACCEPTED));
      }
    }

    private void add(TransactionId id, Place place) {
      if (waiting.putIfAbsent(id, place) == null) {
        tickets(place.state()).add(place);
        if (place.state() == State.IN_HAND) {
          inHand.add(id);
        }
      }
    }

    private @Nullable Place remove(TransactionId id) {
      Place place = waiting.remove(id);
      if (place != null) {
        tickets(place.state()).remove(place);
        inHand.remove(id);
      }
      return place;
    }

    private void delayed(TransactionId id) {
      Place place = remove(id);
      if (place != null) {
        add(id, place.in(State.DELAYED));
      }
    }

    /** Of what is to come, or of what is here already, and was before in another copy. */
    private void moved(LogRecord.Moved from) {
      boolean isLetter = letters.containsKey(from.id());
      Map<TransactionId, Place> places = isLetter ? letters : waiting;
      Place place = places.get(from.id());
      if (place == null) {
        moved.put(from.id(), from.ticket());
      } else if (from.ticket() < place.ticket()) {
        Index index = isLetter ? parked : tickets(place.state());
        Place before = new Place(place.key(), from.ticket(), true, place.state());
        places.put(from.id(), before);
        index.remove(place);
        index.add(before);
      }
    }

    /** A retry takes the place of the letter, before all that it has parked (S5). */
    private void accepted(LogRecord.Accepted accepted) {
      Transaction transaction = accepted.transaction();
      Long before = moved.remove(transaction.id());
      boolean isInHand = before == null && accepted.inDoubt() && transaction.isAcrossStores();
      Place place =
          before == null
              ? new Place(
                  Key.of(transaction), ticket, false, isInHand ? State.IN_HAND : State.ACCEPTED)
              : new Place(Key.of(transaction), before, true, State.ACCEPTED);
      TransactionId replaces = transaction.replaces();
      Place letter = replaces == null ? null : letters.remove(replaces);
      if (letter != null) {
        parked.remove(letter);
        place = letter;
      }
      add(transaction.id(), place);
    }

    private void marked(LogRecord.Mark mark) {
      sent.remove(mark.id());
      Place place = remove(mark.id());
      if (mark.outcome() == Outcome.REFUSED) {
        if (place != null && isParkedByLetters(place.key())) {
          Place ofLetter = place.in(State.ACCEPTED);
          letters.put(mark.id(), ofLetter);
          parked.add(ofLetter);
        }
        return;
      }
      Place letter = letters.remove(mark.id());
      if (letter != null) {
        parked.remove(letter);
      }
    }

    /** What has no key of the application's is parked by no letter (D2). */
    private static boolean isParkedByLetters(Key key) {
      return key.orderingKey() != null && !key.orderingKey().equals(UNKEYED_UNITS);
    }

    /**
     * The smallest ticket of those of a key that wait for others or for their turn. Nobody waits
     * for what its caller commits, however long that takes: nobody was told of it.
     */
    private long firstInTurn(Key key, boolean own) {
      return tickets(State.ACCEPTED).first(key, own);
    }

    /** Whether something of a key is not applied that somebody was told of. */
    private boolean parks(Key key, boolean own) {
      return parked.of(own).containsKey(key)
          || tickets(State.ACCEPTED).of(own).containsKey(key)
          || tickets(State.DELAYED).of(own).containsKey(key);
    }

    /** The keys of which this log has something that is not applied, with the first ticket. */
    private Map<Key, Long> inTurn(Predicate<TransactionId> isInHand) {
      Map<Key, Long> keys = new HashMap<>();
      tickets(State.ACCEPTED).all.forEach((key, places) -> keys.put(key, places.firstKey()));
      tickets(State.DELAYED)
          .all
          .forEach((key, places) -> keys.merge(key, places.firstKey(), Math::min));
      for (TransactionId id : inHand) {
        Place place = waiting.get(id);
        if (place != null && !isInHand.test(id)) {
          keys.merge(place.key(), place.ticket(), Math::min);
        }
      }
      return keys;
    }

    /** Where nothing waits, nobody asks for the place of what is past. */
    private void trim() {
      if (waiting.isEmpty() && runs.size() > 1) {
        runs.headMap(runs.lastKey(), false).clear();
      }
    }

    /** The ticket of an entry of the node's log; 0 if it is not in the copy yet. */
    private long ticketOf(long sequence) {
      Map.Entry<Long, Long> run = sequence > upTo ? null : runs.floorEntry(sequence);
      return run == null ? 0 : run.getValue();
    }

    private void forgetRunsBelow(long sequence) {
      Long first = runs.floorKey(sequence);
      if (first != null) {
        runs.headMap(first, false).clear();
      }
    }
  }

  private final LogCopies copies;
  private final Waiter looking;
  private final Map<Long, Copy> known = new HashMap<>();
  private long readFirst;

  /** Nothing is read yet. */
  public SharedOrder(LogCopies copies, Seams seams) {
    this.copies = copies;
    this.looking = seams.newWaiter();
  }

  /** All nodes that there are, as of now. */
  public interface Nodes {
    Collection<Long> now() throws IOException;
  }

  /**
   * Reads on in all copies; one caller at a time.
   *
   * <p>This node's own copy first, then which nodes there are, then their copies; and nothing
   * counts before all of it was read. So whoever has a place here is seen together with all that
   * was acknowledged before it was begun. What a dead node has left was sealed before; what was
   * moved from its copy is in the other one before it is released there.
   */
  public void look(long own, Nodes nodes) throws IOException {
    look(own, nodes, () -> false);
  }

  /**
   * The same, unless nobody needs it once it is this caller's turn.
   *
   * @return whether it was read
   */
  public boolean look(long own, Nodes nodes, BooleanSupplier unneeded) throws IOException {
    looking.lock();
    try {
      if (unneeded.getAsBoolean()) {
        return false;
      }
      Map<Long, Reading> all = new LinkedHashMap<>();
      Collection<Long> living = List.of();
      for (boolean whole = false; !whole; ) {
        whole = read(own, all);
        living = nodes.now();
        for (long node : living) {
          whole &= node == own || read(node, all);
        }
      }
      all.keySet().retainAll(living);
      take(own, all);
      return true;
    } finally {
      looking.unlock();
    }
  }

  /**
   * A copy that was read to its end.
   *
   * @param before what was known of it when that was begun
   * @param now the same; another one if some of it was released unread: what is below is settled
   */
  private record Reading(Copy before, Copy now) {}

  /**
   * Reads on in one.
   *
   * @return false if it had to be read anew: what is no more in it may have been moved to one that
   *     was read before, so all are read on once more
   */
  private boolean read(long node, Map<Long, Reading> all) throws IOException {
    Reading earlier = all.get(node);
    Copy before = earlier == null ? copy(node) : earlier.before();
    Copy now = earlier == null ? before : earlier.now();
    readOn(now);
    boolean whole = !now.source.hasMissed();
    while (now.source.hasMissed()) {
      now = new Copy(copies.source(node));
      readOn(now);
    }
    all.put(node, new Reading(before, now));
    return whole;
  }

  private static void readOn(Copy copy) throws IOException {
    for (List<LogEntry> some = copy.source.next(); !some.isEmpty(); some = copy.source.next()) {
      copy.unseen.addAll(some);
    }
  }

  private synchronized void take(long own, Map<Long, Reading> all) {
    readFirst = own;
    known.keySet().retainAll(all.keySet());
    all.forEach(
        (node, reading) -> {
          if (known.replace(node, reading.before(), reading.now())) {
            reading.now().takeUnseen();
          }
        });
  }

  private synchronized Copy copy(long node) {
    return known.computeIfAbsent(node, any -> new Copy(copies.source(node)));
  }

  /** Begins anew with a copy, which is another one now. */
  public synchronized void forget(long node) {
    known.remove(node);
  }

  /** What speaks against applying a transaction now. */
  public enum Verdict {
    /** Nothing. */
    MAY,
    /** It has no place in the order yet, or others are before it. */
    WAITS,
    /** A dead letter of another node is before it, or what waits and parks its key as one does. */
    PARKED
  }

  /**
   * Whether one of a node's transactions may be applied as far as other nodes are concerned, if its
   * copy was sealed before the last look. The retry of a dead letter comes when its own log lets
   * it.
   *
   * @param sequence of its entry in that node's log
   */
  public synchronized Verdict verdict(long node, long sequence, Transaction transaction) {
    Copy own = known.get(node);
    long ticket = own == null ? 0 : placeOf(own, sequence, transaction.id());
    if (ticket == 0 && own != null && sequence <= own.upTo) {
      return Verdict.MAY; // Its copy has another entry of this id settled: the ledger says how.
    }
    if (ticket == 0) {
      return Verdict.WAITS;
    }
    return verdictAt(ticket, node, transaction);
  }

  /**
   * The same of this node's own. Who has another number since the last look waits for the next: in
   * that one its copy was read among the others', perhaps after one of them that has got something
   * meanwhile which comes before what this node has got after that.
   */
  public synchronized Verdict verdictOfOwn(long node, long sequence, Transaction transaction) {
    return node == readFirst ? verdict(node, sequence, transaction) : Verdict.WAITS;
  }

  /**
   * The same of one that can't be copied now, and has no place: it comes behind all that the others
   * have.
   */
  public synchronized Verdict verdictOfUncopied(long node, Transaction transaction) {
    return verdictAt(Long.MAX_VALUE - 1, node, transaction);
  }

  private Verdict verdictAt(long ticket, long node, Transaction transaction) {
    if (transaction.replaces() != null) {
      return Verdict.MAY; // What waits here may wait for it.
    }
    Key key = Key.of(transaction);
    long waits = Long.MAX_VALUE;
    long letter = Long.MAX_VALUE;
    for (Map.Entry<Long, Copy> each : known.entrySet()) {
      Copy copy = each.getValue();
      boolean isOwn = each.getKey() == node;
      waits = Math.min(waits, copy.firstInTurn(key, isOwn));
      letter = Math.min(letter, copy.parked.first(key, false));
      letter = Math.min(letter, copy.tickets(State.DELAYED).first(key, isOwn));
    }
    if (letter < ticket && letter < waits) {
      return Verdict.PARKED; // And so is all that waits behind that letter, wherever it is.
    }
    return waits < ticket ? Verdict.WAITS : Verdict.MAY;
  }

  private static long placeOf(Copy own, long sequence, TransactionId id) {
    Place place = own.waiting.get(id);
    return place == null ? own.ticketOf(sequence) : place.ticket();
  }

  /**
   * The keys of what waits in a node's log and has nobody else's before it.
   *
   * @param isInHand what is its caller's, and not the drain's
   */
  public synchronized Set<Key> free(long node, Predicate<TransactionId> isInHand) {
    Copy own = known.get(node);
    Set<Key> free = new HashSet<>();
    if (own != null) {
      own.inTurn(isInHand)
          .forEach(
              (key, ticket) -> {
                if (isFree(node, key, ticket)) {
                  free.add(key);
                }
              });
    }
    return free;
  }

  private boolean isFree(long node, Key key, long ticket) {
    for (Map.Entry<Long, Copy> each : known.entrySet()) {
      Copy copy = each.getValue();
      boolean isOwn = each.getKey() == node;
      if (copy.firstInTurn(key, isOwn) < ticket
          || copy.parked.first(key, isOwn) < ticket
          || copy.tickets(State.DELAYED).first(key, isOwn) < ticket) {
        return false;
      }
    }
    return true;
  }

  /** Whether a node's log has a transaction that waits, or is a dead letter. */
  public synchronized boolean has(long node, TransactionId id) {
    Copy copy = known.get(node);
    return copy != null && (copy.waiting.containsKey(id) || copy.letters.containsKey(id));
  }

  /** The place of a node's transaction; 0 if it has none yet. */
  public synchronized long ticket(long node, long sequence, TransactionId id) {
    Copy copy = known.get(node);
    if (copy == null) {
      return 0;
    }
    Place letter = copy.letters.get(id);
    return letter == null ? placeOf(copy, sequence, id) : letter.ticket();
  }

  /**
   * Whether another node than this one has something of a key that is not applied: then it is
   * parked there, if others may commit directly.
   */
  public synchronized boolean parks(long node, String store, @Nullable String orderingKey) {
    Key key = new Key(store, orderingKey);
    return known.entrySet().stream()
        .anyMatch(each -> each.getValue().parks(key, each.getKey() == node));
  }

  /** Whether a node has something of a key that waits, and that somebody was told of. */
  public synchronized boolean waits(long node, String store, @Nullable String orderingKey) {
    Copy own = known.get(node);
    return own != null && own.parks(new Key(store, orderingKey), false);
  }

  /** The dead letters of a node that park a key. */
  public synchronized Set<TransactionId> letters(
      long node, String store, @Nullable String orderingKey) {
    Key key = new Key(store, orderingKey);
    Copy copy = known.get(node);
    Set<TransactionId> letters = new HashSet<>();
    if (copy != null) {
      copy.letters.forEach(
          (id, place) -> {
            if (place.key().equals(key)) {
              letters.add(id);
            }
          });
    }
    return letters;
  }

  /** Whether a dead letter of any node parks a key. */
  public synchronized boolean letterParks(String store, @Nullable String orderingKey) {
    Key key = new Key(store, orderingKey);
    return known.values().stream().anyMatch(copy -> copy.parked.all.containsKey(key));
  }

  /** Whether it is a dead letter of any node that parks its key. */
  public synchronized boolean isLetter(TransactionId id) {
    return known.values().stream().anyMatch(copy -> copy.letters.containsKey(id));
  }

  /** Whether what waits on any node, and others don't wait for, parks a key. */
  public synchronized boolean delayParks(String store, @Nullable String orderingKey) {
    Key key = new Key(store, orderingKey);
    return known.values().stream()
        .anyMatch(copy -> copy.tickets(State.DELAYED).all.containsKey(key));
  }

  /** The keys of which other nodes than this one have something that is not applied. */
  public synchronized Set<Key> parkedKeys(long node) {
    Set<Key> keys = new HashSet<>();
    for (Map.Entry<Long, Copy> each : known.entrySet()) {
      boolean isOwn = each.getKey() == node;
      Copy copy = each.getValue();
      keys.addAll(copy.parked.of(isOwn).keySet());
      keys.addAll(copy.tickets(State.ACCEPTED).of(isOwn).keySet());
      keys.addAll(copy.tickets(State.DELAYED).of(isOwn).keySet());
    }
    return keys;
  }

  /** Nothing below this entry of the node's log waits any more. */
  public synchronized void settledBelow(long node, long sequence) {
    Copy own = known.get(node);
    if (own != null) {
      own.forgetRunsBelow(sequence);
    }
  }
}
