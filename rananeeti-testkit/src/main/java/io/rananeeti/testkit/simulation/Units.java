package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import io.rananeeti.StoreOperation;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.PartOrder;
import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults;
import io.rananeeti.testkit.InMemoryStore;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The two stores that transactions have parts for, and what is seen in them at each moment: a row
 * of the database whose object or item is missing is complained of when it is committed, and so is
 * an item that is there twice.
 */
final class Units implements InMemoryFaults.Wire {

  static final String OBJECTS = "objects";
  static final String ITEMS = "items";

  private static final long OWN = 0x554E495453L;

  /** What has become of units, seen from outside; each has to happen in a run of many seeds. */
  enum Way {
    /** All stores had it when the commit returned. */
    APPLIED,
    /** It was accepted, and waits. */
    ACCEPTED,
    /** It was accepted, and another store had its part already. */
    ACCEPTED_HALFWAY,
    /** It was refused, and nobody has it. */
    CAME_TO_NOTHING,
    /** It was refused when an item was there already: a letter. */
    REFUSED_TOO_LATE,
    /** An object stays that nothing points to. */
    OBJECT_LEFT,
    /** Its letter was retried, and what the letter had applied was not repeated. */
    RETRIED,
    /** It can't be applied later, and has items. */
    UNFIT,
    /** Its process died, and it is whole all the same. */
    DIED_AND_WHOLE,
    /** A person held another store. */
    HELD
  }

  private final SimulatedRun run;
  private final SeededRandom wire;
  private final InMemoryDatabase objects;
  private final InMemoryDatabase items;
  private final Counters counters = new Counters();
  private final Map<Way, Long> ways = new EnumMap<>(Way.class);
  private final Map<String, Enlisted> enlisted = new HashMap<>();
  private final Set<String> objectsThere = new HashSet<>();
  private final Map<String, Integer> itemsThere = new HashMap<>();
  private final Map<TransactionId, String> itemOf = new HashMap<>();
  private final Set<TransactionId> seen = new HashSet<>();
  private final Set<String> dangling = new HashSet<>();
  private final Set<String> held = new HashSet<>();
  private final Map<Node, UUID> living = new HashMap<>();
  private int arriving;

  Units(SimulatedRun run, Seams seams) {
    this.run = run;
    this.wire = new SeededRandom(run.seed() ^ OWN);
    this.objects = new InMemoryDatabase(seams);
    this.items = new InMemoryDatabase(seams);
  }

  /** From here on. */
  void begin() {
    databases().forEach(this::schema);
    objects.watchChanges(this::putObject);
    items.watchChanges(this::wroteItem);
  }

  private void schema(InMemoryDatabase database) {
    database.createTable(Enlisted.THINGS);
    database.createTableWithoutKey(Enlisted.HEAP);
    InMemoryFaults faults = database.faults();
    faults.wire(this);
    faults.refuse(row -> isRefused(row, Work.POISON));
    faults.refuseAtTheEnd(row -> isRefused(row, Work.SLOW_POISON));
    faults.refuseByCommit(row -> isRefused(row, Work.LAST_POISON));
  }

  private boolean isRefused(Row row, String poison) {
    return row.values().contains(poison) && !run.chaos().isLifted();
  }

  @Override
  public long nanosUnderWay(Step step) {
    int most = wire.oneIn(20) ? 20_000_000 : 300_000;
    return wire.oneIn(3) ? 0 : wire.nextInt(most);
  }

  @Override
  public boolean arrivesWithoutSender() {
    return wire.oneIn(3);
  }

  /** Both. */
  List<InMemoryDatabase> databases() {
    return List.of(objects, items);
  }

  /** A platform of this node has them too. */
  List<InMemoryStore> open(Node node, DataPlatform.Builder builder) {
    InMemoryStore ofObjects = new InMemoryStore(OBJECTS, objects, PartOrder.OBJECTS);
    InMemoryStore ofItems = new InMemoryStore(ITEMS, items, PartOrder.ITEMS);
    builder.store(watched(node, ofObjects)).store(watched(node, ofItems));
    return List.of(ofObjects, ofItems);
  }

  private WatchedStore watched(Node node, InMemoryStore store) {
    return new WatchedStore(
        store,
        counters,
        () -> {},
        step -> reaches(node, store.name(), step),
        host -> living.put(node, host.incarnation()),
        (writer, epoch) -> {});
  }

  /** Nothing reaches for a store that is held (R8). */
  private void reaches(Node node, String store, String step) {
    if (held.contains(node + "/" + store)) {
      run.complaints().add("store %s is reached for while it is held: %s".formatted(store, step));
    }
  }

  void isHeld(Node node, String store, boolean now) {
    if (now) {
      held.add(node + "/" + store);
      count(Way.HELD);
    } else {
      held.remove(node + "/" + store);
    }
  }

  /** What a transaction has for them. */
  List<StoreOperation> enlist(Work work) {
    return enlisted
        .computeIfAbsent(work.name(), any -> Enlisted.of(run.seed(), work, run.habits()))
        .operations();
  }

  private Enlisted of(String name) {
    return enlisted.getOrDefault(name, Enlisted.NOTHING);
  }

  /** What all that was tried has for them, by its name. */
  Map<String, Enlisted> enlisted() {
    return enlisted;
  }

  boolean isUnit(Work work) {
    return !of(work.name()).isNothing();
  }

  boolean isPoisoned(Work work) {
    return of(work.name()).isPoisoned();
  }

  /** Whether its object is there. */
  boolean hasObject(String name) {
    return objectsThere.contains(name);
  }

  /** How often its item is there. */
  int itemsOf(String name) {
    return itemsThere.getOrDefault(name, 0);
  }

  /** Under which ids its item was written. */
  List<TransactionId> idsOfItem(String name) {
    return itemOf.entrySet().stream()
        .filter(each -> each.getValue().equals(name))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Another store says applied of no part that is not there (G7). */
  void told(Told told, @Nullable Receipt receipt) {
    Enlisted has = of(told.work().name());
    if (has.isNothing()) {
      return;
    }
    if (told.error().equals("55R20")) {
      count(Way.UNFIT);
    }
    if (receipt == null) {
      return;
    }
    boolean halfway = false;
    for (String store : List.of(OBJECTS, ITEMS)) {
      boolean applied = receipt.stores().get(store) == Receipt.Status.APPLIED;
      boolean there =
          store.equals(OBJECTS) ? hasObject(told.work().name()) : itemsOf(told.work().name()) > 0;
      halfway |= applied && receipt.status() == Receipt.Status.ACCEPTED;
      if (applied && !there) {
        run.complaints().add("%s is said to have its part: %s".formatted(store, told));
      }
    }
    count(
        receipt.status() == Receipt.Status.APPLIED
            ? Way.APPLIED
            : halfway ? Way.ACCEPTED_HALFWAY : Way.ACCEPTED);
  }

  void count(Way way) {
    ways.merge(way, 1L, Long::sum);
  }

  /** How often each has happened. */
  Map<Way, Long> ways() {
    return ways;
  }

  /** The database has committed something: whatever points to others finds them (U2). */
  void committed(InMemoryDatabase database) {
    if (!database.hasTable("events")) {
      return;
    }
    for (Row row : database.rows("events")) {
      String name = row.values().get(0);
      Enlisted has = of(name);
      boolean whole =
          (has.object() == null || hasObject(name)) && (has.item() == null || itemsOf(name) > 0);
      if (!whole && dangling.add(name)) {
        run.complaints().add("a row without its object or item: %s has %s".formatted(name, has));
      }
    }
  }

  private void putObject(InMemoryDatabase database) {
    database.rows(Enlisted.THINGS).forEach(row -> objectsThere.add(row.values().get(0)));
  }

  /** Each commit writes one at the most, and one row of the ledger. */
  private void wroteItem(InMemoryDatabase database) {
    Map<String, Integer> now = new HashMap<>();
    for (String table : List.of(Enlisted.THINGS, Enlisted.HEAP)) {
      database.rows(table).forEach(row -> now.merge(row.values().get(0), 1, Integer::sum));
    }
    List<TransactionId> ids = new ArrayList<>(database.ledger().keySet());
    ids.removeAll(seen);
    seen.addAll(ids);
    now.forEach(
        (name, times) -> {
          if (times > itemsOf(name)) {
            ids.forEach(id -> itemOf.put(id, name));
            if (times > 1) {
              run.complaints().add("an item is there %d times: %s".formatted(times, name));
            }
          }
        });
    itemsThere.putAll(now);
  }

  /** Nobody reaches them, or everybody. */
  void areAway(boolean away) {
    databases().forEach(database -> database.faults().unreachable(away));
  }

  /** All that is late arrives while everything else goes on. */
  void arriveMeanwhile() {
    if (databases().stream().allMatch(database -> database.late() == 0)) {
      return;
    }
    arriving++;
    run.simulation()
        .world()
        .start(
            "late-parts",
            () -> {
              databases().forEach(InMemoryDatabase::deliverLate);
              arriving--;
            });
  }

  boolean isBusy() {
    return arriving > 0;
  }

  /** All platforms are closed: nothing is left open, and what is late arrives. */
  void settleDown() {
    for (InMemoryDatabase database : databases()) {
      if (database.sessions() > 0 && !isBusy()) {
        run.complaints().add("connections to another store are left open");
      }
      database.deliverLate();
    }
  }

  /**
   * Whether their ledgers have nothing left of the incarnations that live. What an earlier one has
   * left in a store that was away until the log had given back all that it knew of it, is the
   * store's to expire (F2).
   */
  boolean haveForgotten() {
    return databases().stream()
        .flatMap(database -> database.ledger().keySet().stream())
        .noneMatch(id -> living.containsValue(id.incarnation()));
  }

  InMemoryDatabase items() {
    return items;
  }

  @Override
  public String toString() {
    return "%s, %s, late: %d, %d"
        .formatted(objects.ledger(), items.ledger(), objects.late(), items.late());
  }
}
