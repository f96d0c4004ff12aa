package io.rananeeti.testkit.simulation;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.store.Store;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of the simulator's workload against the real things: threads and time of this machine, a
 * real PostgreSQL, logs of plain files. The transactions are drawn as the simulator draws them, and
 * the same audit judges them; faults are what can be done to a real server from outside.
 *
 * <p>A seed gives the same transactions and the same order of faults again, but not the same run.
 *
 * <p>After the last fault everything must come to rest within {@link #REST}: all that was accepted
 * is applied or a dead letter, the stores are up, every outcome is known, and a transaction is
 * applied at once.
 */
public final class RealRun {

  /** Ten times as long as anything should take. */
  static final Duration REST = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(10);

  /** Those that mean something where time is real. */
  private static final Set<Habit> HABITS =
      EnumSet.of(Habit.THINKING, Habit.IN_CONTEXT, Habit.REWRITING, Habit.ASKING);

  private static final int FEWEST = 12;

  private final long seed;
  private final RealTables tables;
  private final FaultProxy proxy;
  private final Seams seams = Seams.system();
  private final Waiter progress = seams.newWaiter();
  private final Counters counters = new Counters();
  private final History history = new History();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> story = new CopyOnWriteArrayList<>();
  private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
  private final Map<TransactionId, Outcome> outcomes = new HashMap<>();
  private final List<RealNode> nodes = new ArrayList<>();
  private final List<RealClient> clients = new ArrayList<>();
  private final List<Seams.Running> threads = new CopyOnWriteArrayList<>();
  private final List<SimulatedRun.Asked> asked = new CopyOnWriteArrayList<>();
  private final Set<Habit> habits;
  private final Mix mix;
  private final RealChaos chaos;
  private final boolean lifts;
  private final int faults;
  private int wanted;
  private int ended;

  /**
   * A run that has not begun.
   *
   * @param server runs, and belongs to this run alone until it is over: its tables and its ledger
   *     are made anew
   * @param stores makes a store of this name on the server at this JDBC URL
   * @param directory for the logs; empty
   */
  public RealRun(long seed, PostgresServer server, Function<String, Store> stores, Path directory) {
    this.seed = seed;
    this.tables = new RealTables(server);
    this.proxy = FaultProxy.inFrontOf(server);
    SeededRandom random = new SeededRandom(seed);
    this.habits = Habit.draw(seed);
    this.habits.retainAll(HABITS);
    this.mix = new Mix(random, habits.contains(Habit.REWRITING));
    this.chaos = new RealChaos(this, server, proxy, random);
    this.lifts = random.nextBoolean();
    this.faults = 2 + random.nextInt(7);
    int count = random.oneIn(4) ? 2 : 1;
    for (int i = 0; i < count; i++) {
      String name = "n" + i;
      Path log = directory.resolve(name);
      nodes.add(new RealNode(this, name, log, () -> stores.apply(proxy.url()), random));
      populate(nodes.get(i), random);
    }
  }

  private void populate(RealNode node, SeededRandom random) {
    int count = 1 + random.nextInt(3);
    int each = FEWEST + random.nextInt(FEWEST);
    for (int i = 0; i < count; i++) {
      clients.add(new RealClient(this, node, i, each, random));
      wanted += each;
    }
  }

  /** Runs it; what is wrong is among the {@link #complaints()} then. */
  public void run() throws SQLException {
    tables.create();
    try {
      chaos.begin();
      nodes.forEach(node -> node.open(chaos.isDown()));
      if (!chaos.isDown() && !await(this::isUp)) {
        complaints.add("it does not come up: " + nodes);
      }
      clients.forEach(client -> start("client", client::run));
      chaos.run(faults, Math.max(1, wanted / (faults + 1)));
      chaos.heal();
      comeToRest();
    } finally {
      chaos.heal();
      nodes.forEach(RealNode::close);
      joinThreads();
    }
    if (!await(() -> sessions() == 0)) {
      complaints.add("connections are left open: " + sessions());
    }
    proxy.close();
    complaints.addAll(audit());
  }

  private void comeToRest() throws SQLException {
    boolean rests = await(() -> hasEnded(wanted));
    if (rests && lifts) {
      trace("constraints", "lifted");
      tables.liftConstraints();
    }
    rests = rests && await(this::isSettled) && await(this::knowsOutcomes);
    if (!rests || !await(this::isAppliedAtOnce)) {
      complaints.add("it does not come to rest: %s %s".formatted(nodes, outcomes));
    }
  }

  private void joinThreads() {
    long deadline = Deadline.after(seams, REST);
    for (Seams.Running thread : threads) {
      try {
        if (!thread.join(deadline)) {
          complaints.add("a thread of the run does not end");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private int sessions() {
    try {
      return tables.sessions();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean isUp() {
    return nodes.stream().map(RealNode::health).allMatch(RealRun::isUp);
  }

  private static boolean isUp(Health.@Nullable StoreHealth health) {
    return health != null && health.availability() == Availability.UP;
  }

  private boolean isSettled() {
    boolean settled = true;
    for (RealNode node : nodes) {
      node.attend(lifts ? 1 : 3);
      Health.StoreHealth health = node.health();
      settled &= isUp(health) && isEmpty(health);
    }
    return settled;
  }

  private static boolean isEmpty(Health.@Nullable StoreHealth health) {
    return health != null && health.backlog() == 0 && health.deadLetters() == 0;
  }

  private boolean knowsOutcomes() {
    outcomes.clear();
    for (RealNode node : nodes) {
      DataPlatform platform = node.platform();
      if (platform != null) {
        ask(node, platform);
      }
    }
    return !outcomes.containsValue(Outcome.IN_DOUBT);
  }

  private void ask(RealNode node, DataPlatform platform) {
    for (Told told : history.told()) {
      TransactionId id = told.id();
      if (id != null && told.node().equals(node.name())) {
        outcomes.put(id, platform.outcome(id));
        counters.count(Branch.OUTCOME_ASKED);
      }
    }
  }

  /** With nothing wrong any more; a machine that is busy with others may need more than one try. */
  private boolean isAppliedAtOnce() {
    for (RealNode node : nodes) {
      DataPlatform platform = node.platform();
      String name = "%s-farewell-%d".formatted(node.name(), history.told().size());
      RealClient client = new RealClient(this, node, clients.size(), 0, new SeededRandom(seed));
      if (platform == null
          || client.transaction(platform, Work.plain(name)).receipt() != Receipt.Status.APPLIED) {
        return false;
      }
    }
    return await(this::isSettled);
  }

  /** What is wrong with what is in the database now; once it is over. */
  public List<String> audit() {
    return new Audit(
            new Evidence(
                history.told(),
                tables::rows,
                nodes.stream().collect(Collectors.toMap(RealNode::name, RealNode::operator)),
                letters,
                outcomes,
                asked,
                List.of(),
                habits,
                chaos.inflicted(),
                Losses.NONE,
                false,
                null))
        .complaints();
  }

  /** What is wrong; empty if all is well. */
  public List<String> complaints() {
    return complaints;
  }

  /** How often what happened. */
  public Counters counters() {
    return counters;
  }

  /** What clients were told. */
  public History history() {
    return history;
  }

  /** What was done, and how platforms took it, one line each. */
  @Override
  public String toString() {
    return "seed %d%n%s%n%s".formatted(seed, String.join(System.lineSeparator(), story), history);
  }

  Set<Habit> habits() {
    return habits;
  }

  List<RealNode> nodes() {
    return nodes;
  }

  void trace(String what, Object detail) {
    story.add("%,12d us  %s %s".formatted(seams.nanoTime() / 1_000, what, detail));
  }

  void judge(DeadLetter letter) {
    letters.add(letter);
  }

  /** Draws the next transaction of a client. */
  synchronized Work draw(SeededRandom random, String name, String ownKey) {
    return Work.draw(random, name, ownKey, mix);
  }

  /** A client was told something. */
  void told(Told told, @Nullable Outcome early) {
    history.add(told);
    if (early != null) {
      asked.add(new SimulatedRun.Asked(told, early));
    }
    counters.count(told);
    if (told.receipt() == Receipt.Status.APPLIED) {
      believe(told.work());
    }
    progress.lock();
    try {
      ended++;
      progress.signalAll();
    } finally {
      progress.unlock();
    }
  }

  private synchronized void believe(Work work) {
    mix.told(work);
  }

  private boolean hasEnded(int count) {
    progress.lock();
    try {
      return ended >= count;
    } finally {
      progress.unlock();
    }
  }

  /** Starts a thread that ends before the run does. */
  void start(String name, Runnable body) {
    threads.add(seams.start(name, body));
  }

  /** Waits until so many more transactions have ended, or all, but not longer than this. */
  void awaitEndOf(int more, Duration most) {
    progress.lock();
    try {
      int enough = Math.min(wanted, ended + more);
      awaitUnderLock(() -> ended >= enough, most);
    } finally {
      progress.unlock();
    }
  }

  /** Lets this time pass. */
  void pause(Duration time) {
    progress.lock();
    try {
      awaitUnderLock(() -> false, time);
    } finally {
      progress.unlock();
    }
  }

  private void awaitUnderLock(BooleanSupplier condition, Duration most) {
    try {
      progress.await(condition, Deadline.after(seams, most));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a run", e);
    }
  }

  /** Waits until it holds, up to {@link #REST}. The condition may take its time. */
  boolean await(BooleanSupplier condition) {
    long deadline = Deadline.after(seams, REST);
    while (!condition.getAsBoolean()) {
      if (seams.nanoTime() > deadline) {
        return false;
      }
      pause(POLL);
    }
    return true;
  }
}
