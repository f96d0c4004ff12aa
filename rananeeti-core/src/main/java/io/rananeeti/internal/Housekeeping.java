package io.rananeeti.internal;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Forgets, while the store is up and nothing waits: prunes the ledger of what nobody can ask for
 * any more (F1), and gives back the log's space. Owned by the drain's owner thread.
 *
 * <p>The number below which everything is settled is read <em>before</em> the look at the backlog,
 * and an id is counted in the backlog before it stops being open; so no id is missed on its way
 * from one to the other. The letters are read first of all, so that the row of one that is retried
 * meanwhile stays for its retry. Marks are forced before rows are deleted: a mark that is lost with
 * its row gone would let an applied entry be applied again.
 *
 * <p>A unit of work across stores is counted in the backlog of the store that comes last, and asks
 * the ledgers of all of them: while one may wait, no store forgets. Ids of letters that were
 * retried stay with the retry's letter, since parts may have been applied under them.
 *
 * <p>What is kept for other regions keeps its rows, so that a writer can be asked for them; and so
 * does the frontier, which every new connection asks for (F1, R2). It is read after the number
 * below which everything is settled: an id is kept before it stops being open.
 *
 * <p>Intent keys expire whatever waits: one entry that is parked for a weekend must not keep all of
 * that weekend's. Those of living letters stay, so that a retry finds who has had its effect.
 *
 * <p>It runs every few seconds, and early once {@value #MANY} transactions were committed: a busy
 * application would leave hundreds of thousands of rows otherwise.
 *
 * <p>Rows may outlive a pruning, because their original might still run or their letter lived. So
 * now and then everything is pruned, whether or not anything new was settled; and at once where
 * rows were kept for other regions: as soon as these have them the log lets their entries go, and
 * with them what it knows of their incarnation.
 */
final class Housekeeping {

  private static final int MANY = 10_000;
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration PAUSE_BETWEEN_ALL = Duration.ofMinutes(10);

  private final Desk desk;
  private final Seams seams;
  private long nextRun;
  private long prunedBelow = 1;
  private long nextOfAll;
  private long nextContent;
  private boolean limited;

  Housekeeping(Desk desk, Seams seams) {
    this.desk = desk;
    this.seams = seams;
    this.nextRun = seams.nanoTime() + PAUSE.toNanos();
    this.nextOfAll = nextRun;
    this.nextContent = nextRun;
  }

  Duration pause() {
    return PAUSE;
  }

  /** Whether enough transactions were committed by the one with this id to run at once. */
  static boolean isDue(TransactionId committed) {
    return committed.number() % MANY == 0;
  }

  void run() throws StoreException {
    if (seams.nanoTime() < nextRun && desk.ids().firstOpen() < prunedBelow + MANY / 2) {
      return;
    }
    if (seams.nanoTime() >= nextRun) {
      Set<String> living = desk.journal().book().intentKeys(desk.store().name());
      desk.holding().act(() -> desk.store().expireIntents(living));
    }
    nextRun = seams.nanoTime() + PAUSE.toNanos();
    desk.journal().forgetContents(desk.store().name());
    Map<UUID, Set<Long>> before = desk.journal().book().numbers();
    long settledBelow = desk.ids().firstOpen();
    if (desk.backlog().count() > 0 || desk.journal().holdsUnits()) {
      return;
    }
    // Those, too, that units have become meanwhile, by the thread of another store.
    Map<UUID, Set<Long>> kept = union(before, desk.journal().book().numbers());
    desk.journal().forceMarks();
    if (!desk.journal().sharing().mayForget()) {
      return;
    }
    if (seams.nanoTime() >= nextOfAll || limited) {
      limited = false;
      prune(settledBelow, kept);
      pruneOlder(kept);
      nextOfAll = seams.nanoTime() + PAUSE_BETWEEN_ALL.toNanos();
    } else if (settledBelow > prunedBelow) {
      prune(settledBelow, kept);
    }
    desk.journal().release();
  }

  /**
   * The spool gives back what is applied while much else still waits: a recovery may take hours,
   * and what is accepted meanwhile needs the room.
   */
  void giveContentBack() {
    if (seams.nanoTime() >= nextContent) {
      nextContent = seams.nanoTime() + PAUSE.toNanos();
      desk.journal().forgetContents(desk.store().name());
    }
  }

  private static Map<UUID, Set<Long>> union(
      Map<UUID, Set<Long>> before, Map<UUID, Set<Long>> after) {
    Map<UUID, Set<Long>> both = new HashMap<>();
    for (Map<UUID, Set<Long>> each : List.of(before, after)) {
      each.forEach(
          (incarnation, numbers) ->
              both.computeIfAbsent(incarnation, any -> new HashSet<>()).addAll(numbers));
    }
    return both;
  }

  private void prune(long settledBelow, Map<UUID, Set<Long>> kept) throws StoreException {
    prune(desk.ids().incarnation(), settledBelow, kept);
    prunedBelow = settledBelow;
  }

  private void prune(UUID incarnation, long settledBelow, Map<UUID, Set<Long>> kept)
      throws StoreException {
    Set<Long> ofIt = kept.getOrDefault(incarnation, Set.of());
    long below = Math.min(settledBelow, desk.tail().least(incarnation));
    limited |= below < settledBelow;
    if (below > 1) {
      desk.holding().act(() -> desk.store().prune(incarnation, below, ofIt));
    }
  }

  private void pruneOlder(Map<UUID, Set<Long>> kept) throws StoreException {
    Set<UUID> older = new HashSet<>(desk.journal().registered(desk.store().name()));
    older.addAll(desk.tail().incarnations());
    older.remove(desk.ids().incarnation());
    older.removeAll(desk.journal().ofOthers());
    for (UUID incarnation : older) {
      prune(incarnation, Long.MAX_VALUE, kept);
    }
  }
}
