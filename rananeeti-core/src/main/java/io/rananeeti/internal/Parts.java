package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.shared.SharedOrder;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Content;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Part;
import io.rananeeti.store.PartOrder;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The parts that units of work of one store have for other stores (U1-U5).
 *
 * <p>A part is settled in its own store as any transaction is: its id is claimed there by a write,
 * and what stands is the truth. So whoever comes next, after a crash or on another node, sends all
 * parts again from the first on, and each has an effect once. The unit's own operations come last,
 * so a row of its own store's ledger says that all of it is applied.
 *
 * <p>Only a store that is up is sent a part; while it is not, the unit waits, and with it what has
 * its ordering key. Thread-safe.
 */
public final class Parts {

  /** The ordering key of units that the application has given none: they are one sequence. */
  static final String UNKEYED = SharedOrder.UNKEYED_UNITS;

  private static final int UNCLEAR_TRIES = 5;
  private static final int REMEMBERED = 10_000;
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final long LONGEST_PAUSE = 60;
  private static final String ALARM = "parts";

  private final Store own;
  private final Seams seams;
  private final Alarms alarms;
  private final Map<String, Desk> stores;
  private final Set<TransactionId> left = ConcurrentHashMap.newKeySet();
  private final Predicate<TransactionId> isMoved;
  private final Map<String, Long> waitsFor = new HashMap<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Map<TransactionId, Integer> applied = new Remembered();

  /**
   * What became of the parts of a unit.
   *
   * @param applied how many of them, from the first on, are applied
   * @param store at which it has stopped; null if all are applied
   * @param refusal why that store refused it; null if it did not
   * @param trouble why that store did not answer; null if it did
   */
  record Progress(
      int applied, @Nullable String store, @Nullable Refusal refusal, @Nullable String trouble) {

    boolean isWhole() {
      return store == null;
    }
  }

  /**
   * @param own the store whose units these are
   * @param stores all of the platform, by name; filled before anything is applied
   * @param isMoved whether a unit was another node's
   */
  Parts(
      Store own,
      Seams seams,
      Alarms alarms,
      Map<String, Desk> stores,
      Predicate<TransactionId> isMoved) {
    this.isMoved = isMoved;
    this.own = own;
    this.seams = seams;
    this.alarms = alarms;
    this.stores = stores;
  }

  /**
   * The store that an operation of a unit of this store is for.
   *
   * @throws SQLFeatureNotSupportedException if it can't be part of a unit of this store
   */
  public Store storeOf(String name) throws SQLFeatureNotSupportedException {
    Desk desk = stores.get(name);
    if (desk == null) {
      throw new SQLFeatureNotSupportedException(
          "the platform has no store %s; it has %s".formatted(name, stores.keySet()), "0A000");
    }
    Store store = desk.store();
    if (store.partOrder().compareTo(own.partOrder()) >= 0) {
      throw new SQLFeatureNotSupportedException(
          "store %s is not applied before store %s, whose connection this is: open the unit of work on a connection of the store that comes last"
              .formatted(name, own.name()),
          "0A000");
    }
    return store;
  }

  /** Those of a unit, in the order in which they are applied. */
  List<Part> inOrder(Unit unit) {
    List<Part> parts = new ArrayList<>(unit.parts());
    parts.sort(Comparator.comparing(part -> order(part.store())));
    return parts;
  }

  /** Whether they do no harm though the unit comes to nothing. */
  boolean areHarmless(List<Part> parts) {
    return parts.stream().allMatch(part -> order(part.store()) == PartOrder.OBJECTS);
  }

  private PartOrder order(String store) {
    Desk desk = stores.get(store);
    return desk == null ? PartOrder.OBJECTS : desk.store().partOrder();
  }

  /** Its caller has left it to the drain. */
  void left(TransactionId id) {
    left.add(id);
  }

  /** Whether its caller has left it to the drain, in this process. */
  boolean isLeft(TransactionId id) {
    return left.contains(id);
  }

  /** It is settled. */
  void settled(TransactionId id) {
    left.remove(id);
  }

  /** Whether a store that it has a part for is not up. */
  boolean mustWait(Transaction unit) {
    return unit.before().stream().anyMatch(part -> !takes(part.store()));
  }

  private boolean takes(String store) {
    Desk desk = stores.get(store);
    return desk != null && desk.gate().look().up();
  }

  /** Whether others can wait for its parts: none is large, and no store fails just now. */
  boolean areQuick(Transaction unit) {
    synchronized (waitsFor) {
      if (!waitsFor.isEmpty()) {
        return false;
      }
    }
    return unit.before().stream()
        .flatMap(part -> part.operations().stream())
        .flatMap(operation -> operation.rows().stream())
        .flatMap(List::stream)
        .noneMatch(parameter -> parameter.value() instanceof Content);
  }

  /** It was left to wait for the stores that are not up, or for this one, which fails. */
  void waits(Transaction unit, @Nullable String failing, String trouble) {
    boolean isOwn = own.name().equals(failing);
    long at =
        failing == null || isOwn || !takes(failing)
            ? Deadline.after(seams, AGAIN)
            : Deadline.after(seams, pauseOf(failing));
    List<String> away =
        unit.before().stream()
            .map(Part::store)
            .filter(store -> store.equals(failing) || !takes(store))
            .toList();
    // Where all are back by now, what was parked has to be looked at again all the same.
    String first = failing == null ? unit.before().get(0).store() : failing;
    List<String> stores = away.isEmpty() ? List.of(first) : away;
    synchronized (waitsFor) {
      stores.forEach(store -> waitsFor.put(store, at));
    }
    if (!isOwn) {
      alarms.raise(ALARM, "a unit of work waits for another store: " + trouble);
    }
  }

  /** Of one that is up, and fails: the longer, the more often, for each try moves the own store. */
  private Duration pauseOf(String failing) {
    synchronized (waitsFor) {
      int times = failures.merge(failing, 1, Integer::sum);
      return Duration.ofSeconds(Math.min(LONGEST_PAUSE, 1L << Math.min(times, 10)));
    }
  }

  /** Whether one of its stores has failed though it was up, and not been better since. */
  boolean fails(Transaction unit) {
    synchronized (waitsFor) {
      return unit.before().stream().anyMatch(part -> failures.containsKey(part.store()));
    }
  }

  /** Whether a store that units wait for may take their parts now. */
  boolean isAnyBack() {
    long now = seams.nanoTime();
    List<String> due = new ArrayList<>();
    synchronized (waitsFor) {
      waitsFor.forEach(
          (store, at) -> {
            if (now >= at) {
              due.add(store);
            }
          });
    }
    return due.stream().anyMatch(this::takes);
  }

  /** Those that wait are tried again from here on. */
  void tryAgain() {
    synchronized (waitsFor) {
      waitsFor.clear();
    }
    alarms.clear(ALARM);
  }

  /** When to look again, at the latest. */
  Duration patience(Duration otherwise) {
    synchronized (waitsFor) {
      return waitsFor.isEmpty() || otherwise.compareTo(AGAIN) < 0 ? otherwise : AGAIN;
    }
  }

  /**
   * Applies those that are not, one after the other, and stops at the first that is not applied.
   *
   * @param deadline how long to try a store that does not answer
   * @param evenIfForeign whether a refusal that smells of the environment, such as a table that is
   *     missing, is one; else the unit waits, and all behind it with its key (D5)
   */
  Progress apply(Transaction unit, long deadline, boolean evenIfForeign)
      throws InterruptedException {
    List<Part> parts = unit.before();
    for (int i = applied(unit.id()); i < parts.size(); i++) {
      Progress stopped = apply(unit, parts.get(i), i, deadline, evenIfForeign);
      if (stopped != null) {
        return stopped;
      }
      remember(unit.id(), i + 1);
      synchronized (waitsFor) {
        failures.remove(parts.get(i).store());
      }
    }
    return new Progress(parts.size(), null, null, null);
  }

  private @Nullable Progress apply(
      Transaction unit, Part part, int before, long deadline, boolean evenIfForeign)
      throws InterruptedException {
    for (int tries = 1; ; tries++) {
      Desk desk = stores.get(part.store());
      if (desk == null || !desk.gate().look().up() || desk.gate().stopped()) {
        String why = desk == null ? "this platform does not have it" : "it is not up";
        return new Progress(
            before, part.store(), null, "store %s: %s".formatted(part.store(), why));
      }
      String trouble;
      try {
        Settlement settlement = settle(desk.settler(), unit, part, evenIfForeign);
        return settlement.outcome() == Outcome.APPLIED
            ? null
            : new Progress(before, part.store(), refusal(settlement), null);
      } catch (StoreException e) {
        if (Drain.FORGOTTEN.equals(e.sqlState()) && isMoved.test(unit.id())) {
          return null; // Its own node has come back and settled it: its own store's row says how.
        }
        if (Drain.HISTORY.equals(e.sqlState()) && tries == 1 && getsToKnow(desk, unit, e)) {
          continue;
        }
        Refusal late = tooOften(desk.settler(), unit, part, e, tries);
        if (late != null) {
          return new Progress(before, part.store(), late, null);
        }
        trouble = "store %s: SQLSTATE %s %s".formatted(part.store(), e.sqlState(), e.getMessage());
        if (e.failure() == Failure.ENVIRONMENT || seams.nanoTime() >= deadline) {
          return new Progress(before, part.store(), null, trouble);
        }
        rest(desk.gate(), e, tries, deadline);
      }
    }
  }

  /**
   * A store that the node which had accepted the unit never reached does not know its incarnation.
   * That this node's own is known there was seen when that store became up (I3).
   */
  private boolean getsToKnow(Desk desk, Transaction unit, StoreException failure) {
    if (!isMoved.test(unit.id())) {
      return false;
    }
    try {
      Set<UUID> incarnation = Set.of(unit.id().incarnation());
      desk.holding().act(() -> desk.store().register(incarnation, true));
      return true;
    } catch (StoreException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  private void rest(Gate gate, StoreException e, int tries, long deadline)
      throws InterruptedException {
    if (e.failure() == Failure.UNREACHABLE) {
      gate.awaitVerdict(gate.suspect(), gate.look().epoch(), deadline);
    }
    gate.rest(Duration.ofMillis(5 + seams.random().nextLong(Math.min(200, 10L * tries))));
  }

  /** An answer that is in no class is a refusal in the end (D5). */
  private static @Nullable Refusal tooOften(
      Settler settler, Transaction unit, Part part, StoreException e, int tries) {
    if (e.failure() != Failure.UNCLEAR || tries < UNCLEAR_TRIES) {
      return null;
    }
    try {
      Settlement settlement = settler.refuseLate(partOf(unit, part, unit.id(), null), e.refusal());
      return settlement.outcome() == Outcome.REFUSED ? refusal(settlement) : null;
    } catch (StoreException again) {
      e.addSuppressed(again);
      return null;
    }
  }

  private static Refusal refusal(Settlement settlement) {
    return Objects.requireNonNullElseGet(
        settlement.refusal(),
        () -> new Refusal("40000", "its part is settled as " + settlement.outcome()));
  }

  /**
   * Under the unit's id; unless it was applied under the id of a letter whose place the unit takes,
   * or was refused under it: then it takes the place of that.
   */
  private static Settlement settle(
      Settler settler, Transaction unit, Part part, boolean evenIfForeign) throws StoreException {
    TransactionId refused = null;
    for (TransactionId former : part.formerly()) {
      Settlement settlement =
          settleFormer(settler, partOf(unit, part, former, null), evenIfForeign);
      if (settlement != null && settlement.outcome() == Outcome.APPLIED) {
        return settlement;
      }
      refused = settlement != null && settlement.outcome() == Outcome.REFUSED ? former : null;
    }
    return settler.alone(partOf(unit, part, unit.id(), refused), evenIfForeign);
  }

  /**
   * The rows of letters are kept (F1), so where the ledger has forgotten all up to this one, the
   * part was never sent: the letter was refused before it came to that.
   *
   * @return null if it is known that it was not applied, and will not be
   */
  private static @Nullable Settlement settleFormer(
      Settler settler, Transaction former, boolean evenIfForeign) throws StoreException {
    try {
      return settler.alone(former, evenIfForeign);
    } catch (StoreException e) {
      if (Drain.FORGOTTEN.equals(e.sqlState())) {
        return null;
      }
      throw e;
    }
  }

  private static Transaction partOf(
      Transaction unit, Part part, TransactionId id, @Nullable TransactionId refused) {
    return new Transaction(
        id,
        part.store(),
        part.operations(),
        Context.NONE,
        unit.orderingKey(),
        unit.traceParent(),
        unit.acceptedAt(),
        refused,
        null);
  }

  private int applied(TransactionId id) {
    synchronized (applied) {
      return applied.getOrDefault(id, 0);
    }
  }

  private void remember(TransactionId id, int parts) {
    synchronized (applied) {
      applied.put(id, parts);
    }
  }

  /** How far each store has come with a unit, as far as this process has seen. */
  Map<String, Receipt.Status> statuses(Transaction unit, Receipt.Status ofAll) {
    Map<String, Receipt.Status> statuses = new LinkedHashMap<>();
    int done = ofAll == Receipt.Status.APPLIED ? unit.before().size() : applied(unit.id());
    for (int i = 0; i < unit.before().size(); i++) {
      statuses.put(unit.before().get(i).store(), i < done ? Receipt.Status.APPLIED : ofAll);
    }
    statuses.put(unit.store(), ofAll);
    return statuses;
  }

  /** The last ones; who is forgotten is asked for in its store. */
  private static final class Remembered extends LinkedHashMap<TransactionId, Integer> {

    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<TransactionId, Integer> eldest) {
      return size() > REMEMBERED;
    }
  }
}
