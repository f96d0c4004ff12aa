package io.rananeeti.testkit.simulation;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has for other stores, by its seed and its name alone: whoever tries it again
 * has the same.
 *
 * @param object how its object is put; null if it has none
 * @param item how its item is written; null if it has none
 */
record Enlisted(@Nullable Put object, @Nullable Put item) {

  /** Of a farewell that has both. */
  static final String CERTAIN = "unit";

  /** Of a farewell that has none. */
  static final String NEVER = "beside";

  static final Enlisted NOTHING = new Enlisted(null, null);

  /** Rows with a primary key: a second one of the same name is refused. */
  static final String THINGS = "things";

  /** Rows without any: a second one is there. */
  static final String HEAP = "heap";

  private static final long OWN = 0x454E4C4953544544L;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;
  private static final String HARMLESS = "tea";

  /** A row for one of them. */
  record Put(String store, String table, String name, String value) implements StoreOperation {

    private boolean isObject() {
      return store.equals(Units.OBJECTS);
    }

    boolean isPoison() {
      return !value.equals(HARMLESS);
    }

    @Override
    public Operation operation() {
      return new Operation(
          "INSERT INTO %s VALUES (?, ?)%s"
              .formatted(table, isObject() ? " ON CONFLICT DO NOTHING" : ""),
          true,
          List.of(
              List.of(
                  Parameter.of(Parameter.Kind.STRING, name),
                  Parameter.of(Parameter.Kind.STRING, value))),
          List.of(isObject() ? Operation.ANY : 1L));
    }
  }

  /** What this one has. */
  static Enlisted of(long seed, Work work, Set<Habit> habits) {
    String name = work.name();
    boolean farewell = name.contains(Work.FAREWELL);
    boolean reads =
        work.reads()
            || (habits.contains(Habit.NUMBERED) && work.isNumbered())
            || (habits.contains(Habit.REWRITING) && work.kind() == Work.Kind.TRANSFER);
    if (farewell && name.endsWith(CERTAIN)) {
      return new Enlisted(object(name, HARMLESS), reads ? null : item(THINGS, name, HARMLESS));
    }
    SeededRandom random = new SeededRandom(seed ^ OWN ^ (name.hashCode() * SPREAD));
    boolean never = work.autoCommit() && !farewell;
    if (never || name.endsWith(NEVER) || work.kind() == Work.Kind.READ || random.oneIn(3)) {
      return NOTHING;
    }
    boolean hasItem = random.nextInt(5) < 3;
    boolean hasObject = random.nextInt(4) > 0 || !hasItem;
    String table = random.nextBoolean() ? THINGS : HEAP;
    String ofObject = !farewell && random.oneIn(24) ? poison(random) : HARMLESS;
    String ofItem = !farewell && random.oneIn(8) ? poison(random) : HARMLESS;
    boolean unfit = reads || !work.deferrable();
    if (work.isIntended(habits) || (unfit && (farewell || !random.oneIn(6)))) {
      return new Enlisted(object(name, ofObject), null);
    }
    return new Enlisted(
        hasObject ? object(name, ofObject) : null, hasItem ? item(table, name, ofItem) : null);
  }

  private static String poison(SeededRandom random) {
    return random.oneOf(List.of(Work.POISON, Work.SLOW_POISON, Work.LAST_POISON));
  }

  private static Put object(String name, String value) {
    return new Put(Units.OBJECTS, THINGS, name, value);
  }

  private static Put item(String table, String name, String value) {
    return new Put(Units.ITEMS, table, name, value);
  }

  boolean isNothing() {
    return object == null && item == null;
  }

  boolean isPoisoned() {
    return (object != null && object.isPoison()) || (item != null && item.isPoison());
  }

  /** In an order that is not that of the stores. */
  List<StoreOperation> operations() {
    List<StoreOperation> operations = new ArrayList<>();
    if (item != null) {
      operations.add(item);
    }
    if (object != null) {
      operations.add(object);
    }
    return operations;
  }
}
