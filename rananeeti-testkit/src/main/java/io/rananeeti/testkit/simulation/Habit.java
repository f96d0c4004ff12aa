package io.rananeeti.testkit.simulation;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is not usual, and happens in some runs all the time. Drawn from a generator of its own: a
 * run that has none of them goes as it would if there were none.
 */
enum Habit {
  /**
   * Between transactions and between faults there is time enough for housekeeping, to which small
   * files give much to do, and for processes to die in between; dead letters are left for later.
   */
  PATIENT(6),
  /** Clients take so long that they meet most faults. */
  LASTING(2),
  /** Clients think before each COMMIT, not only now and then. */
  THINKING(4),
  /** A COMMIT that is late stays so, with its locks, until the platform ends it. */
  LATE_STAY(4),
  /** Some transactions set something that their rows must show. */
  IN_CONTEXT(4),
  /** All is transfers, and many set what they have read and locked, instead of adding to it. */
  REWRITING(4),
  /** Who reads also notifies, which has no transaction id. */
  NOTIFYING(4),
  /** Callers ask what became of their transaction as soon as they are told. */
  ASKING(4),
  /** The files of the log are small. */
  SMALL_FILES(2),
  /** Forces take long. */
  SLOW_FORCES(4),
  /** A person decides about each dead letter as soon as it is announced. */
  EAGER(5),
  /** Many a process dies, soon after its start or later. */
  DYING(4),
  /** Messages take long. */
  FAR(4),
  /** At each COMMIT somebody looks whether the store is up. */
  LOOKED_AT(2),
  /** A person holds the store of a node now and then. */
  HELD(8),
  /**
   * Many transactions carry an intent key, and are tried again by whoever comes by, on any node and
   * at any time; now and then with other content.
   */
  INTENDED(5),
  /** Who inserts asks a sequence for a number first, which nobody else may ever have. */
  NUMBERED(4),
  /** Platforms retain what they commit until other regions have it. */
  RETAINED(4),
  /**
   * Of such runs: regions are lost with what others had not got yet, and their writers may live on
   * where some nodes reach them.
   */
  REGIONS(2, RETAINED),
  /** Of those: a writer that was given up comes back for good, and a person says that it may. */
  ADOPTING(4, REGIONS),
  /** Several nodes share their logs. In runs that are asked for only. */
  SHARED(0),
  /** Transactions have parts for two other stores. In runs that are asked for only. */
  UNITS(0);

  private static final long OWN = 0x4841424954530000L;

  private final int oneIn;
  private final @Nullable Habit among;

  Habit(int oneIn) {
    this(oneIn, null);
  }

  Habit(int oneIn, @Nullable Habit among) {
    this.oneIn = oneIn;
    this.among = among;
  }

  /** Those of the run of this seed. */
  static Set<Habit> draw(long seed) {
    SeededRandom random = new SeededRandom(seed ^ OWN);
    Set<Habit> drawn = EnumSet.noneOf(Habit.class);
    for (Habit habit : values()) {
      boolean does = habit.oneIn > 0 && random.oneIn(habit.oneIn);
      if (does && (habit.among == null || drawn.contains(habit.among))) {
        drawn.add(habit);
      }
    }
    return drawn;
  }

  /**
   * Where a region is lost, nobody knows the values that only that region has drawn of a sequence:
   * nothing takes a number there.
   */
  static Set<Habit> possible(Set<Habit> habits) {
    if (habits.contains(REGIONS)) {
      habits.remove(NUMBERED);
    }
    return habits;
  }

  /**
   * Whether transactions that set what they have read may be applied again, where only one node can
   * keep their order.
   */
  static boolean doesAgain(Set<Habit> habits) {
    return habits.contains(REGIONS) && habits.contains(REWRITING);
  }
}
