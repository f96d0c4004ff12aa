package io.rananeeti.testkit.simulation;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.store.Writer;
import io.rananeeti.testkit.InMemoryStore;
import io.rananeeti.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A machine: its disk, and one process after the other on it, each with a platform and the clients
 * that use it. What clients were told outlives the processes.
 */
final class Node implements PlatformListener {

  static final String STORE = "orders";

  /** Part of what a platform says whose writer is on a stale branch. */
  static final String STALE = "stale branch";

  private static final String FOREIGN = "another history";
  private static final Duration RETAINED = Duration.ofDays(30);
  private static final int EARLY = 500;
  private static final int LATER = 5_000;
  private static final int APPENDS_A_SMALL_FILE = 4;
  private static final Duration RESTART = Duration.ofMillis(30);

  private final SimulatedRun run;
  private final Simulation simulation;
  private final String name;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final BesideTheLog beside;
  private final List<Client> clients = new ArrayList<>();
  private final BranchListener branches;
  private final Operator operator;
  private final int width;
  private final Duration outageBudget;
  private final Duration probeInterval;
  private Path directory;
  private SimulatedProcess process;
  private @Nullable InMemoryStore store;
  private @Nullable DataPlatform platform;
  private List<InMemoryStore> others = List.of();
  private boolean cutsPower;
  private boolean held;
  private boolean over;
  private boolean gone;
  private boolean unkept;
  private boolean waited;
  private long raisedTo;
  private long raisedIn;
  private long epoch;
  private long lineage;
  private int life;

  Node(SimulatedRun run, String name, int ofClients, int ofTransactions) {
    this.run = run;
    this.simulation = run.simulation();
    this.name = name;
    this.beside = new BesideTheLog(run.counters());
    this.branches = new BranchListener(run.counters());
    SeededRandom random = simulation.random();
    SharedFaults sharing = run.sharing();
    this.operator = sharing == null ? new Operator(random, simulation::trace) : sharing.operator();
    this.width = 1 + random.nextInt(3);
    this.outageBudget = Duration.ofMillis(100 + random.nextInt(200));
    this.probeInterval = Duration.ofMillis(100 + random.nextInt(900));
    this.directory = run.directories().next(null);
    this.process = simulation.process(name + ".0");
    if (run.has(Habit.SMALL_FILES) || run.has(Habit.PATIENT)) {
      disk.filesOf(APPENDS_A_SMALL_FILE);
    }
    disk.whileForcing(() -> simulation.sleep(run.forceTakes()));
    for (int i = 0; i < ofClients; i++) {
      clients.add(new Client(run, this, i, ofTransactions));
    }
  }

  String name() {
    return name;
  }

  /** Its machine is lost, with all that is on it, and there will be no other. */
  void goForGood() {
    gone = true;
    over = true;
    simulation.kill(process);
    InMemoryStore dead = store;
    if (dead != null) {
      dead.die();
    }
    others.forEach(InMemoryStore::die);
    store = null;
    platform = null;
    run.directories().done(directory);
  }

  boolean isGone() {
    return gone;
  }

  /** Whether others may have taken it for dead. */
  boolean wasAway() {
    return life > 1 || gone || process.isDead() || process.wasPaused();
  }

  SimulatedProcess process() {
    return process;
  }

  SimulatedDisk disk() {
    return disk;
  }

  List<Client> clients() {
    return clients;
  }

  boolean isOver() {
    return over;
  }

  /** The platform of the process that lives now; null while there is none. */
  @Nullable DataPlatform platform() {
    return process.isDead() ? null : platform;
  }

  Health.@Nullable StoreHealth health() {
    DataPlatform now = platform();
    return now == null ? null : now.health().stores().get(STORE);
  }

  /** Whether its platform has every store up. */
  boolean hasAllUp() {
    DataPlatform now = platform();
    return now != null
        && now.health().stores().values().stream()
            .allMatch(store -> store.availability() == Availability.UP);
  }

  /** Who deals with its dead letters. */
  Operator operator() {
    return operator;
  }

  /** The process dies, now. */
  void kill(boolean withItsMachine) {
    cutsPower = withItsMachine;
    simulation.kill(process);
  }

  /** The process dies at its n-th step from now. */
  void dieInStep(long n, boolean withItsMachine) {
    cutsPower = withItsMachine;
    process.dieInStep(n);
  }

  /** The world's thread that starts it again whenever it has died. */
  void live() {
    while (!over) {
      start();
      await(() -> process.isDead());
      if (!over) {
        bury();
        SharedFaults sharing = run.sharing();
        if (sharing != null) {
          simulation.sleep(sharing.untilRestart());
        }
        simulation.sleep(RESTART.plusNanos(simulation.random().nextLong(100_000_000)));
      }
    }
  }

  private void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean() && !over) {
      simulation.sleep(Duration.ofMillis(15));
    }
  }

  private void start() {
    process = simulation.process(name + "." + life++);
    raisedTo = 0;
    process.skew(run.skew());
    process.start("main", this::open);
    SeededRandom random = simulation.random();
    boolean dies = run.has(Habit.DYING) || run.has(Habit.PATIENT);
    if (dies && !run.chaos().isOver() && random.nextBoolean()) {
      dieInStep(1 + random.nextInt(random.nextBoolean() ? EARLY : LATER), random.nextBoolean());
    }
  }

  private void open() {
    try {
      int aside = disk.keptAside();
      InMemoryStore mine = new InMemoryStore(STORE, () -> run.regions().reachedBy(name));
      store = mine;
      boolean down = run.isDatabaseDown();
      platform = open(mine);
      simulation.trace("opened", name);
      opened(disk.keptAside() > aside, down);
      clients.forEach(client -> process.start("client", client::run));
    } catch (RananeetiException e) {
      simulation.trace("not opened:", e);
      process.start("exit", () -> kill(false));
    }
  }

  private DataPlatform open(InMemoryStore mine) {
    SharedFaults sharing = run.sharing();
    DataPlatform.Builder builder =
        sharing == null ? DataPlatform.builder(name) : sharing.builder(name);
    if (run.has(Habit.RETAINED)) {
      builder.retain(RETAINED);
    }
    Units units = run.units();
    if (units != null) {
      others = units.open(this, builder);
    }
    return builder
        .store(
            new WatchedStore(
                mine,
                run.counters(),
                this::commits,
                this::reaches,
                host -> run.tailAudit().opened(this, host.incarnation()),
                this::raised))
        .log(directory)
        .logStorage(new SteppedDisk(simulation, disk, beside))
        .outageBudget(outageBudget)
        .inDoubtWait(Duration.ofMillis(400))
        .probeInterval(probeInterval)
        .drainWidth(width)
        .seams(process)
        .listener(this)
        .open();
  }

  private void opened(boolean torn, boolean down) {
    Counters counters = run.counters();
    if (torn) {
      counters.count(Branch.TORN_LOG_REPAIRED);
    }
    if (down) {
      counters.count(Branch.STARTED_WHILE_DOWN);
    }
    DataPlatform now = platform();
    if (now != null) {
      branches.opened(now, STORE);
    }
  }

  /** COMMIT is sent in the epoch of its transaction, which is one in which the store is up (C5). */
  private void commits() {
    Health.StoreHealth health = run.has(Habit.LOOKED_AT) ? health() : null;
    if (health != null && health.availability() != Availability.UP) {
      run.complaints().add("COMMIT is sent while the store is " + health.availability());
    }
  }

  /** Its recovery has raised a writer's epoch, which must be none that it has seen the end of. */
  private void raised(Writer writer, long to) {
    if (writer.epoch() < epoch && writer.lineage() <= lineage) {
      run.complaints().add("%s recovers on a stale branch: %s".formatted(this, writer));
    }
    raisedTo = to;
    raisedIn = writer.lineage();
  }

  /**
   * It commits where this is the epoch; false if it has raised a higher one, and remembers that:
   * whoever commits has forced what its recovery has raised.
   */
  boolean commitsIn(long ofBranch) {
    if (raisedTo > epoch) {
      epoch = raisedTo;
      lineage = raisedIn;
    }
    return ofBranch >= epoch;
  }

  /** What it says at once; what it tells a listener may come later, or never. */
  void lookAtAlarms() {
    Health.StoreHealth health = run.has(Habit.RETAINED) ? health() : null;
    if (health != null) {
      health.alarms().forEach(this::heed);
    }
  }

  private void heed(String alarm) {
    unkept |= alarm.startsWith("committed");
    waited |= alarm.contains("is asked to wait");
  }

  /** Whether something acknowledged may be missing by rule. */
  boolean letsOff() {
    return unkept || waited;
  }

  /** Whether it has said that it could not keep something that was acknowledged. */
  boolean hasUnkept() {
    return unkept;
  }

  /** Whether it keeps nothing any more for other regions, if it does that at all. */
  boolean keepsNothing() {
    Health.StoreHealth health = health();
    Health.Tail tail = health == null ? null : health.tail();
    if (tail == null) {
      return !run.has(Habit.RETAINED);
    }
    if (tail.appliedAgain() > 0) {
      run.counters().count(Branch.APPLIED_AGAIN);
    }
    if (tail.kept() == 0) {
      run.counters().count(Branch.COVERED);
    }
    return tail.kept() == 0;
  }

  /** A person says that its writer is the only one, where it asks for that and it is so. */
  void decide() {
    Health.StoreHealth health = health();
    if (health != null && asks(health.alarms())) {
      raisedTo = 0;
      epoch = 0;
      lineage = 0;
      with(
          now -> {
            if (operator.adopt(now, STORE)) {
              run.counters().count(Branch.ADOPTED);
            }
          });
    }
  }

  /** A registration may be lost with the rest, and then a database looks like another one. */
  private boolean asks(List<String> alarms) {
    boolean stale = run.regions().mayBeAdopted() && alarms.stream().anyMatch(has(STALE));
    boolean foreign = run.regions().hasLost() && alarms.stream().anyMatch(has(FOREIGN));
    return stale || foreign;
  }

  private static Predicate<String> has(String text) {
    return alarm -> alarm.contains(text);
  }

  /** A person holds its store, which outlives its processes, or is about to release it. */
  void isHeld(boolean now) {
    held = now;
  }

  /** Nothing reaches for a store that is held (R8). */
  private void reaches(String step) {
    if (held) {
      run.complaints().add("the store is reached for while it is held: " + step);
    }
  }

  /** What its process has left behind. */
  private void bury() {
    if (cutsPower) {
      disk.crash(simulation.random());
      beside.crash(simulation.random());
    } else {
      disk.kill();
    }
    cutsPower = false;
    disk.failForces(false);
    disk.failAppends(false);
    if (simulation.random().nextBoolean()) {
      simulation.sleep(Duration.ofMillis(simulation.random().nextInt(40)));
    }
    InMemoryStore dead = store;
    if (dead != null) {
      dead.die();
    }
    others.forEach(InMemoryStore::die);
    store = null;
    platform = null;
    directory = run.directories().next(directory);
  }

  /** Closes the platform as its application would, and opens it again. */
  void close() {
    process.start(
        "closer",
        () -> {
          DataPlatform now = platform;
          if (now != null) {
            now.close();
            simulation.trace("closed", name);
          }
          kill(false);
        });
  }

  /** Does something on the living platform, in a thread of its process; waits for it. */
  void with(Consumer<DataPlatform> work) {
    DataPlatform now = platform();
    if (now == null) {
      return;
    }
    try {
      process.start("operator", () -> work.accept(now)).join(Deadline.NEVER);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the world", e);
    }
  }

  /** A person looks at the dead letters, and retries some, discards others; waits for it. */
  void attend(int retryOneIn) {
    with(now -> operator.attend(now, retryOneIn));
  }

  /**
   * The same while everything else goes on: it may have to wait for a COMMIT that gets no reply.
   */
  void attendMeanwhile() {
    DataPlatform now = platform();
    if (now != null) {
      process.start("operator", () -> operator.attend(now, 2));
    }
  }

  /** All its clients are done; it is closed for good. Complains of threads that outlive that. */
  List<String> end() {
    with(DataPlatform::close);
    over = true;
    List<String> left = simulation.threadsOf(process);
    simulation.kill(process);
    run.directories().done(directory);
    return left.isEmpty() ? List.of() : List.of("threads outlive their platform: " + left);
  }

  @Override
  public void applied(Receipt receipt) {
    branches.applied(receipt);
  }

  @Override
  public void rejected(DeadLetter letter) {
    branches.rejected(letter);
    simulation.trace("dead letter", letter);
    run.judge(letter);
    DataPlatform now = platform();
    if (run.has(Habit.EAGER) && now != null) {
      operator.attend(now, letter, 2);
    }
  }

  @Override
  public void availability(String which, Availability from, Availability to) {
    simulation.trace(which.equals(STORE) ? from + " ->" : which + " " + from + " ->", to);
    if (which.equals(STORE)) {
      branches.availability(which, from, to);
    }
  }

  @Override
  public void alarm(String which, String message) {
    simulation.trace("alarm:", message);
    heed(message);
    branches.alarm(which, message);
  }

  @Override
  public String toString() {
    return name;
  }
}
