package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does one transaction after the other; goes on in the next process when its own has died. */
final class Client {

  private static final int LONGEST_THOUGHT = 400;

  private final SimulatedRun run;
  private final Node node;
  private final int index;
  private final int transactions;
  private final SeededRandom random;
  private final int restMillis;
  private int next;
  private boolean busy;

  Client(SimulatedRun run, Node node, int index, int transactions) {
    this.run = run;
    this.node = node;
    this.index = index;
    this.transactions = transactions;
    this.random = new SeededRandom(run.simulation().random().nextLong());
    this.restMillis = 1 + random.nextInt(120);
  }

  boolean isOver() {
    return next == transactions && !busy;
  }

  /** The thread. */
  void run() {
    while (next < transactions) {
      long rest = (long) random.nextInt(restMillis) * run.patienceOfClients();
      run.simulation().sleep(Duration.ofMillis(rest));
      DataPlatform platform = node.platform();
      if (platform == null) {
        return;
      }
      if (run.has(Habit.INTENDED)) {
        tryAgain(platform);
      }
      transaction(platform, "%s-%d-%02d".formatted(node.name(), index, next++));
    }
  }

  /** What somebody has tried before, or does just now; mostly the same. */
  private void tryAgain(DataPlatform platform) {
    List<Work> intended = run.intended();
    if (!intended.isEmpty() && random.oneIn(2)) {
      Work lately =
          intended.get(intended.size() - 1 - random.nextInt(Math.min(4, intended.size())));
      transaction(platform, random.oneIn(8) ? lately.another() : lately);
    }
  }

  private void transaction(DataPlatform platform, String name) {
    transaction(platform, Work.draw(random, name, "own-" + index, run.mix()));
  }

  private void think() {
    boolean always = run.has(Habit.THINKING) || run.has(Habit.REWRITING);
    if (always || random.oneIn(6)) {
      run.simulation().sleep(Duration.ofMillis(random.nextInt(LONGEST_THOUGHT)));
    }
  }

  /** One more, that nothing hinders. */
  void sayFarewell(DataPlatform platform, String which) {
    transaction(platform, Work.plain(node.name() + "-" + Work.FAREWELL + "-" + which));
  }

  private void transaction(DataPlatform platform, Work work) {
    Caller caller =
        new Caller(Node.STORE, work, run.history(), run.complaints(), run.habits(), this::think);
    Units units = run.units();
    if (units != null) {
      caller.enlists(units.enlist(work));
    }
    if (work.isIntended(run.habits())) {
      run.intended().add(work);
    }
    long begun = run.history().tick();
    busy = true;
    boolean ended = false;
    try {
      caller.call(platform);
      node.lookAtAlarms();
      ended = true;
    } finally {
      String error = ended ? caller.error() : Told.DIED;
      Receipt.@Nullable Status status = ended ? caller.status() : null;
      Told told =
          new Told(
              work,
              node.name(),
              index,
              begun,
              Math.max(begun, caller.committing()),
              run.history().tick(),
              status,
              error,
              ended ? caller.id() : null,
              caller.read());
      busy = false;
      mustBeOnDisk(told);
      if (units != null && ended) {
        units.told(told, caller.receipt());
      }
      run.asked(told, caller.early());
      run.told(told);
      run.numbered(told, caller.number());
    }
  }

  /**
   * Where logs are shared, a caller hears of it once other nodes agree, and of a unit of work that
   * it has left to the drain a moment later: by then it may be applied, or refused and its letter
   * retried, and its space given back.
   */
  private boolean hasGoneOn(Told told) {
    String name = told.work().name();
    return (run.has(Habit.SHARED) || run.has(Habit.UNITS))
        && (run.letters().stream().anyMatch(letter -> letter.id().equals(told.id()))
            || run.database().rows("events").stream()
                .anyMatch(row -> row.values().get(0).equals(name)));
  }

  /**
   * Accepted is forced, not merely written, and all that the log reads before it (G1); and so is
   * what is applied, where that is retained (C6). Which entry it was can't be seen where several
   * tries have the same name.
   */
  private void mustBeOnDisk(Told told) {
    String name = told.work().name();
    long tries = run.intended().stream().filter(work -> work.name().equals(name)).count();
    boolean retried = run.has(Habit.RETAINED) && told.work().poison() != null;
    if (tries > 1 || retried) {
      return;
    }
    boolean onDisk =
        told.receipt() == Receipt.Status.ACCEPTED
            || (told.receipt() == Receipt.Status.APPLIED
                && told.work().kind() != Work.Kind.READ
                && run.has(Habit.RETAINED)
                && !node.hasUnkept());
    if (onDisk && node.disk().forgets(name) && !hasGoneOn(told)) {
      run.complaints().add("acknowledged and not on disk: " + told);
    }
  }
}
