package io.rananeeti.testkit.simulation;

import io.rananeeti.testkit.InMemoryDatabase;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does harm, one fault after the other, of the few kinds that this seed has drawn: runs that know
 * only some faults reach further than runs that know all (Groce et al., "Swarm testing", 2012).
 */
final class Chaos implements InMemoryFaults.Wire {

  private static final Map<Boolean, List<FaultKind>> KINDS =
      Stream.of(FaultKind.values()).collect(Collectors.partitioningBy(FaultKind::isOfRegions));
  private static final List<Step> ALL_STEPS = List.of(Step.values());
  private static final List<Fate> ALL_FATES = List.of(Fate.values());
  private static final int MANY = 5_000;
  private static final long OF_REGIONS = 0x4F46524547L;
  private static final int MOST_OF_REGIONS = 4;
  private static final int MANY_LOOKS = 300;
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final List<String> TABLES = List.of("events", "orders");
  private static final Duration NO_TIME = Duration.ZERO;
  private static final Duration LOCKED = Duration.ofSeconds(35);
  private static final Duration SHORT = Duration.ofSeconds(50);

  private final SimulatedRun run;
  private final Simulation simulation;
  private final SeededRandom wire;
  private final Set<Integer> skipped;
  private final List<FaultKind> kinds = new ArrayList<>();
  private final long[] faults;
  private final int longestPause;
  private final boolean startsDown;
  private final boolean tidies;
  private boolean slow;
  private boolean slowForces;
  private boolean down;
  private boolean lifted;
  private boolean over;
  private boolean lostTail;
  private boolean decides;
  private long lateReply;
  private SeededRandom random = new SeededRandom(0);
  private int writers = 1;
  private int others;
  private Duration skew = NO_TIME;
  private @Nullable String missing;
  private boolean ordersWereMissing;
  private long missingSince;

  /**
   * Draws its plan.
   *
   * @param skipped faults to leave out, by their number from 0; all others stay as they are
   */
  Chaos(SimulatedRun run, Set<Integer> skipped) {
    this.run = run;
    this.simulation = run.simulation();
    this.skipped = skipped;
    this.wire = new SeededRandom(simulation.random().nextLong());
    SeededRandom random = new SeededRandom(simulation.random().nextLong());
    Set<FaultKind> drawn = EnumSet.noneOf(FaultKind.class);
    int most = 1 + random.nextInt(8);
    for (int i = 0; i < most; i++) {
      drawn.add(random.oneOf(kinds(false)));
    }
    if (run.has(Habit.REGIONS)) {
      drawOfRegions(drawn);
    }
    this.kinds.addAll(drawn);
    this.faults = new long[1 + random.nextInt(10)];
    this.longestPause = 20 + random.nextInt(700);
    this.tidies = random.oneIn(12);
    this.startsDown = random.oneIn(4);
    for (int i = 0; i < faults.length; i++) {
      faults[i] = random.nextLong();
    }
  }

  private static List<FaultKind> kinds(boolean ofRegions) {
    return KINDS.getOrDefault(ofRegions, List.of());
  }

  private void drawOfRegions(Set<FaultKind> drawn) {
    SeededRandom random = new SeededRandom(run.seed() ^ OF_REGIONS);
    drawn.remove(FaultKind.DISK_FULL);
    for (int i = 0; i < MOST_OF_REGIONS; i++) {
      drawn.add(random.oneOf(kinds(true)));
    }
    if (!run.has(Habit.ADOPTING)) {
      drawn.remove(FaultKind.OLD_WRITER_BACK);
    }
    if (run.has(Habit.SHARED)) {
      drawn.removeAll(Set.of(FaultKind.REGIONS_SPLIT, FaultKind.OLD_WRITER_SEEN));
      drawn.add(FaultKind.REGION_LOST);
    }
  }

  /** Whether this run waits for housekeeping in the end. */
  boolean tidies() {
    return tidies;
  }

  /** Whether anything committed, and told to nobody, may have been lost. */
  boolean hasLostTail() {
    return lostTail;
  }

  boolean isOver() {
    return over;
  }

  /** Nothing more goes wrong from here on. */
  void end() {
    over = true;
    heal();
    run.regions().endOld();
    run.nodes().forEach(node -> node.process().dieInStep(Long.MAX_VALUE));
  }

  /** Whether something that it began is not over yet. */
  boolean isBusy() {
    return others > 0;
  }

  /** What this run may inflict. */
  Set<FaultKind> inflicted() {
    return EnumSet.copyOf(kinds);
  }

  boolean isDown() {
    return down;
  }

  Duration skew() {
    return skew;
  }

  Duration forceTakes() {
    return slowForces || run.has(Habit.SLOW_FORCES)
        ? Duration.ofMillis(wire.nextInt(60))
        : Duration.ofNanos(20_000 + wire.nextInt(200_000));
  }

  @Override
  public long nanosUnderWay(Step step) {
    if (lateReply > 0 && step == Step.COMMIT && run.database().lags()) {
      long late = lateReply;
      lateReply = 0;
      return late;
    }
    int most = slow || run.has(Habit.FAR) ? 60_000_000 : wire.oneIn(20) ? 5_000_000 : 300_000;
    return wire.oneIn(3) ? 0 : wire.nextInt(most);
  }

  @Override
  public boolean arrivesWithoutSender() {
    return wire.oneIn(3);
  }

  /** What the database never takes. */
  void constraints() {
    InMemoryFaults database = run.database().faults();
    database.wire(this);
    database.refuse(row -> !lifted && row.values().contains(Work.POISON));
    database.refuseAtTheEnd(row -> !lifted && row.values().contains(Work.SLOW_POISON));
    database.refuseByCommit(row -> !lifted && row.values().contains(Work.LAST_POISON));
  }

  /** It takes everything from here on. */
  void liftConstraints() {
    lifted = true;
    simulation.trace("constraints", "lifted");
  }

  /** Whether it takes everything now. */
  boolean isLifted() {
    return lifted;
  }

  /** How many faults there are. */
  int size() {
    return faults.length;
  }

  /** All faults, with pauses between them. */
  void run() {
    if (startsDown) {
      down = true;
      run.database().faults().unreachable(true);
    }
    for (int i = 0; i < faults.length; i++) {
      random = new SeededRandom(faults[i]);
      pause(longestPause);
      if (!skipped.contains(i)) {
        harm();
      }
    }
    pause(2 * longestPause);
  }

  private void pause(int mostMillis) {
    long millis = (long) random.nextInt(mostMillis) * run.patience();
    simulation.sleep(Duration.ofMillis(millis));
  }

  private void harm() {
    if (random.oneIn(5)) {
      heal();
    } else if (random.oneIn(5)) {
      attend(node());
    } else {
      inflict(random.oneOf(kinds));
    }
  }

  private void attend(Node node) {
    if (!run.has(Habit.PATIENT)) {
      node.attendMeanwhile();
    }
  }

  private Node node() {
    return random.oneOf(run.nodes());
  }

  private void inflict(FaultKind kind) {
    simulation.trace("fault", kind);
    run.counters().count(kind);
    InMemoryDatabase database = run.database();
    InMemoryFaults switches = database.faults();
    switch (kind) {
      case UNREACHABLE -> {
        down = true;
        switches.unreachable(true);
      }
      case HANGS -> {
        down = true;
        switches.hang(true);
      }
      case READ_ONLY -> {
        down = true;
        switches.readOnly(true);
      }
      case COMMIT_REPLY_LOST -> switches.loseReply(Step.COMMIT, Fate.DONE);
      case COMMIT_REQUEST_LOST -> switches.loseReply(Step.COMMIT, Fate.LOST);
      case COMMIT_LATE -> switches.loseReply(Step.COMMIT, Fate.LATE);
      case SETTLE_REPLY_LOST -> switches.loseReply(Step.SETTLE, Fate.DONE);
      case SETTLE_REQUEST_LOST -> switches.loseReply(Step.SETTLE, Fate.LOST);
      case SETTLE_LATE -> switches.loseReply(Step.SETTLE, Fate.LATE);
      case LEDGER_LOCKED -> lockLedger(switches);
      case LATE_ARRIVES -> arriveMeanwhile(false);
      case LATE_ARRIVES_TWICE -> arriveMeanwhile(true);
      case CONNECTION_BREAKS -> fail("08006");
      case SESSION_ENDED -> fail("57P01");
      case TOO_MANY_CONNECTIONS -> fail("53300");
      case NO_CONNECTION -> {
        switches.fail(Step.CONNECT, "53300", MANY);
        simulation.sleep(random.oneIn(4) ? LOCKED : Duration.ofMillis(random.nextInt(900)));
        heal();
      }
      case SERIALIZATION_FAILURE -> fail("40001");
      case DEADLOCK -> fail("40P01");
      case LOCK_NOT_AVAILABLE -> fail("55P03");
      case CANCELLED -> fail("57014");
      case STANDBY_STALLS -> database.stallStandby(true);
      case TAIL_LOST -> {
        lostTail = true;
        database.stallStandby(true);
        simulation.sleep(Duration.ofMillis(random.nextInt(80)));
        if (random.nextBoolean()) {
          database.restart();
          simulation.sleep(Duration.ofMillis(random.nextInt(400)));
        }
        database.promoteStandby("writer-" + ++writers);
      }
      case ANOTHER_WRITER -> database.failOver("writer-" + ++writers);
      case SERVER_RESTARTS -> database.restart();
      case ROW_LOCKED -> lock();
      case SCHEMA_MISSING -> rebuild();
      case RIGHT_MISSING -> switches.fail(Step.STATEMENT, "42501", 1 + random.nextInt(12));
      case SLOW_NETWORK -> slow = true;
      case PROCESS_DIES -> node().kill(false);
      case POWER_CUT -> node().kill(true);
      case DIES_AT_A_STEP -> node().dieInStep(1 + random.nextInt(400), random.nextBoolean());
      case PROCESS_PAUSED -> node().process().pause(Duration.ofMillis(random.nextInt(2_000)));
      case CLOSED -> node().close();
      case FORCE_FAILS -> fail(true);
      case APPEND_FAILS -> fail(false);
      case DISK_FULL -> node().disk().fillUp(random.nextInt(3_000));
      case SLOW_FORCE -> slowForces = true;
      case CLOCK_SKEWED -> skew(Duration.ofMillis(random.nextInt(20_000_000) - 10_000_000L));
      case CLOCK_STEPS_BACK -> skew(skew.minusMillis(random.nextInt(100_000)));
      case REGION_LAGS -> database.lagStandby(true);
      case REGION_LOST -> loseRegion(false);
      case REGION_LOST_TWICE -> {
        loseRegion(random.nextBoolean());
        simulation.sleep(Duration.ofMillis(random.nextInt(600)));
        loseRegion(random.nextBoolean());
      }
      case REGIONS_SPLIT -> split();
      case OLD_WRITER_SEEN -> {
        haveOldWriter();
        run.regions().leadAstray(node().name());
      }
      case OLD_WRITER_BACK -> {
        haveOldWriter();
        simulation.sleep(Duration.ofMillis(random.nextInt(2_000)));
        run.regions().comeBack();
        restoreTables();
      }
    }
  }

  /** Its region lags for a while; the one that takes over may lack the epoch of what comes then. */
  private void loseRegion(boolean livesOn) {
    if (random.oneIn(3)) {
      cutBehindACommit();
    } else {
      if (random.oneIn(4) || !run.database().lags()) {
        run.database().lagStandby(true);
      }
      simulation.sleep(Duration.ofMillis(random.nextInt(1_500)));
    }
    lostTail = true;
    SharedFaults sharing = run.sharing();
    if (sharing != null) {
      sharing.remember();
    }
    run.regions().promote("writer-" + ++writers, livesOn, run.history().time());
    simulation.trace("promoted:", writers);
    restoreTables();
    run.database().lagStandby(random.nextBoolean());
    if (random.oneIn(3)) {
      node().dieInStep(1 + random.nextInt(400), random.nextBoolean());
    }
    decideMeanwhile();
  }

  /** The last commit that the other region gets is answered late, behind some that it gets not. */
  private void cutBehindACommit() {
    InMemoryDatabase database = run.database();
    int late = 50 + random.nextInt(150);
    database.lagStandby(false);
    database.lagStandbyAfterNextCommit();
    lateReply = Duration.ofMillis(late).toNanos();
    for (int i = 0; i < MANY_LOOKS && !database.lags(); i++) {
      simulation.sleep(LOOK);
    }
    if (!database.lags()) {
      database.lagStandby(true);
    }
    simulation.sleep(Duration.ofMillis(late + random.nextInt(30)));
    lateReply = 0;
  }

  /** Each node finds out at its own time. */
  private void split() {
    loseRegion(true);
    for (Node node : run.nodes()) {
      if (random.oneIn(3)) {
        run.regions().leadAstray(node.name());
      } else if (random.nextBoolean()) {
        run.regions().setApart(node.name());
      }
    }
    simulation.sleep(Duration.ofMillis(random.nextInt(1_500)));
    if (random.nextBoolean()) {
      run.regions().reunite();
    }
  }

  private void haveOldWriter() {
    if (!run.regions().hasOld()) {
      loseRegion(true);
    }
  }

  /** A person looks after the nodes until all is over. */
  private void decideMeanwhile() {
    if (decides) {
      return;
    }
    decides = true;
    others++;
    simulation
        .world()
        .start(
            "decider",
            () -> {
              while (!over) {
                simulation.sleep(Duration.ofMillis(100 + wire.nextInt(300)));
                run.nodes().forEach(Node::decide);
              }
              others--;
            });
  }

  /** A branch was made when other tables were missing than now. */
  private void restoreTables() {
    InMemoryDatabase database = run.database();
    for (String table : TABLES) {
      boolean away = table.equals(missing);
      if (database.hasTable(table) == away) {
        database.renameTable(away ? table : gone(table), away ? gone(table) : table);
      }
    }
  }

  private static String gone(String table) {
    return table + "_gone";
  }

  /** Somebody sets all clocks forward. */
  void stepClocks(Duration by) {
    skew(skew.plus(by));
  }

  private void skew(Duration by) {
    skew = by;
    run.nodes().forEach(node -> node.process().skew(by));
  }

  private void fail(String state) {
    Step step = random.oneOf(ALL_STEPS);
    run.database().faults().fail(step, state, 1 + random.nextInt(6));
  }

  /** The disk fails, and perhaps works again; a while later its machine is restarted. */
  private void fail(boolean force) {
    Node node = node();
    node.disk().failForces(force);
    node.disk().failAppends(!force);
    simulation.sleep(Duration.ofMillis(random.nextInt(300)));
    if (random.nextBoolean()) {
      node.disk().failForces(false);
      node.disk().failAppends(false);
      simulation.sleep(Duration.ofMillis(random.nextInt(300)));
    }
    node.kill(random.nextBoolean());
  }

  /**
   * All that is late arrives while everything else goes on: it may wait for a lock that a fault
   * keeps, or something else that is late.
   */
  void arriveMeanwhile(boolean twice) {
    if (run.regions().all().stream().allMatch(database -> database.late() == 0)) {
      return;
    }
    others++;
    simulation
        .world()
        .start(
            "late",
            () -> {
              arrive(twice);
              others--;
            });
  }

  /** All that is late arrives now, when nothing is left that it could wait for. */
  void arrive(boolean twice) {
    run.regions().all().forEach(database -> arrive(database, twice));
  }

  private void arrive(InMemoryDatabase database, boolean twice) {
    int late = database.late();
    int committed = twice ? database.deliverLateTwice() : database.deliverLate();
    if (committed > 0) {
      run.counters().count(Branch.LATE_COMMITTED);
    }
    if (late > committed) {
      run.counters().count(Branch.LATE_REFUSED);
    }
  }

  private void lock() {
    String account = random.oneOf(Work.ACCOUNTS);
    Duration time = random.oneIn(3) ? LOCKED : Duration.ofMillis(random.nextInt(3_000));
    others++;
    simulation.world().start("locker", () -> lock(account, time));
  }

  private void lock(String account, Duration time) {
    try (Connection connection = run.database().connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement =
          connection.prepareStatement("UPDATE accounts SET v = v + 0 WHERE k = ?")) {
        statement.setString(1, account);
        statement.executeUpdate();
      }
      simulation.sleep(time);
      connection.rollback();
    } catch (SQLException e) {
      simulation.trace("the locker failed:", e);
    } finally {
      others--;
    }
  }

  /** A database is rebuilt, and not all of it: for some it has been away meanwhile. */
  private void rebuild() {
    boolean away = !down && random.nextBoolean();
    if (away) {
      run.database().faults().unreachable(true);
      simulation.sleep(Duration.ofMillis(random.nextInt(900)));
    }
    loseTable();
    if (away) {
      run.database().faults().unreachable(false);
    }
  }

  private void lockLedger(InMemoryFaults switches) {
    switches.loseReply(Step.COMMIT, random.oneOf(ALL_FATES));
    switches.fail(Step.LEDGER, "55P03", MANY);
    simulation.sleep(Duration.ofMillis(random.nextInt(2_000)));
    heal();
  }

  private void loseTable() {
    if (missing == null) {
      String table = random.nextBoolean() ? "events" : "orders";
      run.database().renameTable(table, gone(table));
      missing = table;
      missingSince = simulation.nanos();
      ordersWereMissing |= table.equals("orders");
    }
  }

  /**
   * Whether nothing at all could be applied since a moment ago: that makes no dead letter before a
   * minute is over (D5).
   */
  boolean isMissingEverythingForShort() {
    return "events".equals(missing)
        && !ordersWereMissing
        && simulation.nanos() - missingSince < SHORT.toNanos();
  }

  /** Nobody reaches the database. */
  void darken() {
    down = true;
    run.database().faults().unreachable(true);
  }

  /** All faults end. */
  void heal() {
    simulation.trace("fault", "none");
    run.database().faults().heal();
    run.database().stallStandby(false);
    run.regions().reunite();
    run.nodes().forEach(node -> node.disk().resize(1L << 40));
    down = false;
    slow = false;
    slowForces = false;
    String table = missing;
    if (table != null) {
      run.database().renameTable(gone(table), table);
      missing = null;
    }
  }
}
