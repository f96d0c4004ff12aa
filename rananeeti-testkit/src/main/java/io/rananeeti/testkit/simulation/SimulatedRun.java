package io.rananeeti.testkit.simulation;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.testkit.InMemoryDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One run under one seed: some nodes against one database, their clients, a series of faults, the
 * end of all faults, and the audit.
 *
 * <p>After the last fault everything must come to rest within {@link #REST} of virtual time: all
 * that was accepted is applied or a dead letter, the stores are up, and every outcome is known.
 */
public final class SimulatedRun {

  /** The longest that anything may take once all faults are over. */
  static final Duration REST = Duration.ofMinutes(4);

  private static final Duration HOUSEKEEPING = Duration.ofSeconds(25);
  private static final Duration HOUSEKEEPING_OF_OLDER = Duration.ofMinutes(12);
  private static final Duration LONGEST_PROBE_INTERVAL = Duration.ofSeconds(3);
  private static final Duration POLL = Duration.ofMillis(40);

  private static final long REGIONS = 0x524547494F4E53L;
  private static final int PATIENCE = 25;
  private static final int LASTING = 8;

  private final long seed;
  private final Simulation simulation;
  private final Directories directories;
  private final Counters counters = new Counters();
  private final History history = new History();
  private final List<String> complaints = new ArrayList<>();
  private final List<DeadLetter> letters = new ArrayList<>();
  private final Map<TransactionId, Outcome> outcomes = new HashMap<>();
  private List<String> events = List.of();
  private final List<Node> nodes = new ArrayList<>();
  private final Regions regions;
  private final TailAudit tailAudit = new TailAudit(this);
  private final @Nullable SharedFaults sharing;
  private final @Nullable Units units;
  private final Mix mix;
  private final Chaos chaos;
  private final boolean lifts;
  private final Set<Habit> habits;
  private final List<Asked> asked = new ArrayList<>();
  private final Map<Long, Told> numbers = new HashMap<>();
  private long numbersAccepted;
  private final List<Work> intended = new ArrayList<>();
  private final int length;
  private final Consumer<SimulatedRun> atRest;

  /**
   * A run that has not begun.
   *
   * @param told whether to keep its trace
   */
  public SimulatedRun(long seed, boolean told, Directories directories) {
    this(seed, told, directories, Set.of());
  }

  /**
   * A run that has not begun.
   *
   * @param skipped faults to leave out, by their number from 0
   */
  public SimulatedRun(long seed, boolean told, Directories directories, Set<Integer> skipped) {
    this(seed, new Simulation(seed, told), directories, skipped, 1, any -> {}, Habit.draw(seed));
  }

  /** A run with so many times as many transactions, in which callers take numbers. */
  static SimulatedRun numbered(long seed, boolean told, Directories directories, int length) {
    Set<Habit> habits = Habit.draw(seed);
    habits.add(Habit.NUMBERED);
    habits.remove(Habit.REGIONS);
    return new SimulatedRun(
        seed, new Simulation(seed, told), directories, Set.of(), length, any -> {}, habits);
  }

  /** A run of several nodes that share their logs. */
  static SimulatedRun shared(long seed, boolean told, Directories directories) {
    Set<Habit> habits = Habit.draw(seed);
    habits.add(Habit.SHARED);
    habits.removeAll(Set.of(Habit.RETAINED, Habit.REGIONS, Habit.ADOPTING, Habit.HELD));
    return new SimulatedRun(
        seed, new Simulation(seed, told), directories, Set.of(), 1, any -> {}, habits);
  }

  /**
   * A run of several nodes that share their logs and retain, and lose a region: the one that takes
   * over lacks the last transactions of all of them (N5).
   */
  static SimulatedRun sharedTails(long seed, boolean told, Directories directories) {
    Set<Habit> habits = Habit.draw(seed);
    habits.addAll(Set.of(Habit.SHARED, Habit.RETAINED, Habit.REGIONS));
    habits.removeAll(Set.of(Habit.ADOPTING, Habit.HELD, Habit.REWRITING));
    return new SimulatedRun(
        seed, new Simulation(seed, told), directories, Set.of(), 1, any -> {}, habits);
  }

  /** A run in which transactions have parts for two other stores. */
  static SimulatedRun ofUnits(long seed, boolean told, Directories directories) {
    Set<Habit> habits = Habit.draw(seed);
    habits.add(Habit.UNITS);
    habits.removeAll(Set.of(Habit.REGIONS, Habit.ADOPTING));
    return new SimulatedRun(
        seed, new Simulation(seed, told), directories, Set.of(), 1, any -> {}, habits);
  }

  /** A run of units of work in which several nodes share their logs. */
  static SimulatedRun ofUnitsOfNodes(long seed, boolean told, Directories directories) {
    Set<Habit> habits = Habit.draw(seed);
    habits.addAll(Set.of(Habit.UNITS, Habit.SHARED));
    habits.removeAll(Set.of(Habit.RETAINED, Habit.REGIONS, Habit.ADOPTING, Habit.HELD));
    return new SimulatedRun(
        seed, new Simulation(seed, told), directories, Set.of(), 1, any -> {}, habits);
  }

  private SimulatedRun(
      long seed,
      Simulation simulation,
      Directories directories,
      Set<Integer> skipped,
      int length,
      Consumer<SimulatedRun> atRest,
      Set<Habit> habits) {
    this.seed = seed;
    this.habits = Habit.possible(habits);
    this.length = length;
    this.atRest = atRest;
    this.simulation = simulation;
    this.directories = directories;
    SeededRandom random = simulation.random();
    InMemoryDatabase first = new InMemoryDatabase(new ServerSeams(simulation));
    this.regions = new Regions(first, new SeededRandom(seed ^ REGIONS));
    this.mix = new Mix(random, has(Habit.REWRITING));
    this.chaos = new Chaos(this, skipped);
    this.lifts = random.nextBoolean();
    boolean several = random.oneIn(has(Habit.NUMBERED) || has(Habit.REGIONS) ? 2 : 4);
    this.sharing = has(Habit.SHARED) ? new SharedFaults(this, new ServerSeams(simulation)) : null;
    this.units = has(Habit.UNITS) ? new Units(this, new ServerSeams(simulation)) : null;
    int count = several && !Habit.doesAgain(habits) ? 2 : 1;
    if (sharing != null) {
      count = 2 + sharing.more();
    }
    for (int i = 0; i < count; i++) {
      nodes.add(new Node(this, "n" + i, 1 + random.nextInt(3), length * (2 + random.nextInt(7))));
    }
  }

  /**
   * A run with so many times as many transactions, and a look at it by the world's thread once
   * everything has come to rest.
   */
  static SimulatedRun longer(
      long seed, Directories directories, int length, Consumer<SimulatedRun> atRest) {
    return new SimulatedRun(
        seed, new Simulation(seed, false), directories, Set.of(), length, atRest, Habit.draw(seed));
  }

  /** Runs it; what is wrong is among the {@link #complaints()} then. */
  public void run() {
    try {
      simulation.run(this::world);
    } catch (Simulation.Stuck e) {
      complaints.add(String.valueOf(e.getMessage()));
    }
    complaints.addAll(simulation.failures());
  }

  private void world() {
    schema();
    if (sharing != null) {
      sharing.begin();
    }
    nodes.forEach(node -> simulation.world().start("life-of-" + node.name(), node::live));
    Holder holder = has(Habit.HELD) ? new Holder(this, nodes.get(0)) : null;
    if (holder != null) {
      simulation.world().start("holder", holder::run);
    }
    SharedFaults withOthers = sharing;
    if (withOthers != null) {
      simulation.world().start("faults-of-sharing", withOthers::run);
    }
    Units of = units;
    UnitFaults faultsOfUnits = of == null ? null : new UnitFaults(this, of);
    if (faultsOfUnits != null) {
      simulation.world().start("faults-of-units", faultsOfUnits::run);
    }
    chaos.run();
    simulation.trace("all faults", "end");
    chaos.end();
    if (faultsOfUnits != null && !await(faultsOfUnits::isOver, REST)) {
      complaints.add("another store stays held: " + state());
    }
    if (withOthers != null) {
      await(withOthers::isOver, REST);
    }
    boolean rests = holder == null || await(holder::isOver, REST.multipliedBy(length));
    rests = rests && await(() -> clients().allMatch(Client::isOver), REST.multipliedBy(length));
    if (rests && lifts) {
      chaos.liftConstraints();
    }
    rests = rests && await(this::isSettled);
    atRest.accept(this);
    rests = rests && await(this::knowsOutcomes);
    rests = rests && (withOthers == null || await(withOthers::areAllAwake));
    if (!rests) {
      complaints.add("it does not come to rest: " + state());
    }
    if (rests) {
      living().forEach(node -> sayFarewell(node, "first"));
      simulation.sleep(LONGEST_PROBE_INTERVAL);
      rests = await(this::isSettled);
      living().forEach(node -> mustApply(sayFarewell(node, "last")));
    }
    if (rests && of != null) {
      rests = delayUnitsOnly(of);
    }
    if (rests && !await(() -> living().stream().allMatch(Node::keepsNothing))) {
      complaints.add("what all regions have is kept: " + state());
    }
    if (rests && chaos.tidies() && sharing == null && !(has(Habit.UNITS) && has(Habit.RETAINED))) {
      forget();
    }
    living().forEach(node -> complaints.addAll(node.end()));
    rests = rests && await(() -> !chaos.isBusy());
    if (rests && database().sessions() > 0) {
      complaints.add("connections are left open: " + database().sessions());
    }
    if (of != null) {
      of.settleDown();
    }
    chaos.arrive(false);
    complaints.addAll(new Audit(evidence()).complaints());
    events = database().rows("events").stream().map(row -> row.values().get(0)).toList();
    numbersInTheDatabase();
  }

  /** While their other stores are away, units wait; what has none of their keys does not. */
  private boolean delayUnitsOnly(Units of) {
    of.areAway(true);
    living().forEach(node -> sayFarewell(node, Enlisted.CERTAIN));
    living().forEach(node -> mustApply(sayFarewell(node, Enlisted.NEVER)));
    of.areAway(false);
    return await(this::isSettled);
  }

  private Stream<Client> clients() {
    return nodes.stream().filter(node -> !node.isGone()).flatMap(node -> node.clients().stream());
  }

  private String state() {
    StringBuilder text = new StringBuilder();
    for (Node node : nodes) {
      text.append(node).append(" ").append(node.health()).append(" ");
    }
    return text.append(outcomes).toString();
  }

  private void schema() {
    InMemoryDatabase database = database();
    database.watch(tailAudit::committed);
    if (units != null) {
      units.begin();
      database.watchChanges(units::committed);
    }
    database.createTable("orders");
    database.createTableWithoutKey("events");
    database.createTable("accounts");
    database.createTable("versions");
    database.createTableWithoutKey("numbers");
    database.createSequence(Work.SEQUENCE);
    long each = Work.TOTAL / Work.ACCOUNTS.size();
    Work.ACCOUNTS.forEach(account -> insert("accounts", account, String.valueOf(each)));
    Work.RECORDS.forEach(entry -> insert("versions", entry, "0"));
    chaos.constraints();
  }

  private void insert(String table, String key, String value) {
    try (Connection connection = database().connect();
        PreparedStatement statement =
            connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
      statement.setString(1, key);
      statement.setString(2, value);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean await(BooleanSupplier condition) {
    return await(condition, REST);
  }

  private boolean await(BooleanSupplier condition, Duration most) {
    long deadline = simulation.nanos() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (simulation.nanos() > deadline) {
        return false;
      }
      simulation.sleep(POLL);
      nodes.forEach(Node::decide);
      if (!lateStay()) {
        chaos.arriveMeanwhile(false);
      }
      if (units != null) {
        units.arriveMeanwhile();
      }
    }
    return true;
  }

  private boolean isSettled() {
    boolean settled = true;
    for (Node node : living()) {
      Health.StoreHealth health = node.health();
      if (health != null && health.deadLetters() > 0) {
        node.attend(lifts ? 1 : 3);
      }
      settled &=
          health != null
              && node.hasAllUp()
              && health.availability() == Availability.UP
              && health.backlog() == 0
              && health.deadLetters() == 0;
    }
    return settled;
  }

  private List<Node> living() {
    return nodes.stream().filter(node -> !node.isGone()).toList();
  }

  private boolean knowsOutcomes() {
    outcomes.clear();
    nodes.forEach(node -> node.with(platform -> ask(node, platform)));
    return !outcomes.containsValue(Outcome.IN_DOUBT);
  }

  private void ask(Node node, DataPlatform platform) {
    for (Told told : history.told()) {
      TransactionId id = told.id();
      if (id != null && told.node().equals(node.name())) {
        outcomes.put(id, platform.outcome(id));
        counters.count(Branch.OUTCOME_ASKED);
      }
    }
  }

  private Told sayFarewell(Node node, String which) {
    Client client = node.clients().get(0);
    node.with(platform -> client.sayFarewell(platform, which));
    return history.told().get(history.told().size() - 1);
  }

  /**
   * With nothing wrong any more a transaction is applied at once. The first one may be what finds
   * that the writer has changed; the probe has looked since.
   */
  private void mustApply(Told last) {
    if (last.receipt() != Receipt.Status.APPLIED) {
      complaints.add("nothing is wrong, and yet: " + last);
    }
  }

  /**
   * What another node has left on the server ends by itself, as does what only transactions of
   * applications wait for: the platform ends what its own settling waits for.
   */
  private boolean lateStay() {
    return has(Habit.LATE_STAY) && nodes.size() == 1 && !mix.meets() && !has(Habit.INTENDED);
  }

  /**
   * With nothing to do, what nobody can ask for any more is forgotten (F1); but for what has a
   * larger number than the last one that was committed, where that has to be proven: a unit of work
   * that has waited.
   */
  private void forget() {
    simulation.sleep(HOUSEKEEPING);
    chaos.arriveMeanwhile(false);
    int newest = has(Habit.RETAINED) ? nodes.size() : 0;
    boolean forgotten = await(() -> database().ledger().size() <= newest, HOUSEKEEPING_OF_OLDER);
    if (!forgotten) {
      complaints.add("the ledger keeps what nobody can ask for: " + database().ledger());
    }
    if (units != null && !await(() -> units.haveForgotten(), HOUSEKEEPING_OF_OLDER)) {
      complaints.add("another store's ledger keeps what nobody can ask for: " + units);
    }
  }

  /** Tells what each of its parts sees; the database's clock costs nothing. */
  private static final class ServerSeams implements Seams {

    private final Simulation simulation;

    ServerSeams(Simulation simulation) {
      this.simulation = simulation;
    }

    @Override
    public Instant now() {
      return simulation.start().plusNanos(simulation.nanos());
    }

    @Override
    public long nanoTime() {
      return simulation.nanos();
    }

    @Override
    public Waiter newWaiter() {
      return simulation.world().newWaiter();
    }

    @Override
    public Running start(String name, Runnable body) {
      return simulation.world().start(name, body);
    }

    @Override
    public RandomGenerator random() {
      return simulation.random();
    }
  }

  /** The names of all transactions that were applied, in their order; once it is over. */
  List<String> events() {
    return events;
  }

  /** How many faults it inflicts. */
  public int faults() {
    return chaos.size();
  }

  /** Its seed. */
  public long seed() {
    return seed;
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

  /** What befalls the sharing of logs; null if they are not shared. */
  @Nullable SharedFaults sharing() {
    return sharing;
  }

  /** What transactions have parts for; null if they have none. */
  @Nullable Units units() {
    return units;
  }

  /** The simulation beneath it. */
  public Simulation simulation() {
    return simulation;
  }

  Directories directories() {
    return directories;
  }

  /** The writer that stays. */
  InMemoryDatabase database() {
    return regions.current();
  }

  Regions regions() {
    return regions;
  }

  TailAudit tailAudit() {
    return tailAudit;
  }

  List<Node> nodes() {
    return nodes;
  }

  Set<Habit> habits() {
    return habits;
  }

  boolean has(Habit habit) {
    return habits.contains(habit);
  }

  /** How many times as long as usual pauses between faults are. */
  int patience() {
    return has(Habit.PATIENT) ? PATIENCE : 1;
  }

  /** How many times as long as usual clients pause. */
  int patienceOfClients() {
    boolean meet = has(Habit.THINKING) || has(Habit.REWRITING);
    return has(Habit.LASTING) && !meet ? LASTING * patience() : patience();
  }

  /** What a client was told, and what the platform said of it at once. */
  record Asked(Told told, Outcome outcome) {}

  /** What was tried under an intent key, in the order of its beginning. */
  List<Work> intended() {
    return intended;
  }

  List<Asked> asked() {
    return asked;
  }

  void asked(Told told, @Nullable Outcome outcome) {
    if (outcome != null) {
      asked.add(new Asked(told, outcome));
    }
  }

  Mix mix() {
    return mix;
  }

  Chaos chaos() {
    return chaos;
  }

  List<DeadLetter> letters() {
    return letters;
  }

  Map<TransactionId, Outcome> outcomes() {
    return outcomes;
  }

  Duration forceTakes() {
    return chaos.forceTakes();
  }

  Duration skew() {
    return chaos.skew();
  }

  boolean isDatabaseDown() {
    return chaos.isDown();
  }

  /** Nobody gets a number that another one was told to have used, on any node. */
  void numbered(Told told, @Nullable Long number) {
    if (number == null || told.receipt() == null) {
      return;
    }
    numbersAccepted += told.receipt() == Receipt.Status.ACCEPTED ? 1 : 0;
    Told before = numbers.put(number, told);
    if (before != null) {
      complaints.add("number %d was used twice: %s and %s".formatted(number, before, told));
    }
  }

  private void numbersInTheDatabase() {
    Set<String> seen = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (InMemoryDatabase.Row row : database().rows("numbers")) {
      if (!seen.add(row.values().get(0))) {
        complaints.add("a number is twice in the database: " + row);
      }
      names.add(row.values().get(1));
    }
    for (String name : names) {
      if (!events.contains(name)) {
        complaints.add("half in the database: the number of " + name);
      }
    }
  }

  /** How many transactions were accepted that use a number out of a lease. */
  long numbersAccepted() {
    return numbersAccepted;
  }

  /** A client was told something. */
  void told(Told told) {
    simulation.trace("told", told);
    history.add(told);
    counters.count(told);
    if (told.receipt() == Receipt.Status.APPLIED) {
      mix.told(told.work());
    }
  }

  private Evidence evidence() {
    return new Evidence(
        history.told(),
        database()::rows,
        nodes.stream().collect(Collectors.toMap(Node::name, Node::operator)),
        letters,
        outcomes,
        asked,
        database().notifications(),
        habits,
        chaos.inflicted(),
        new Losses(
            chaos.hasLostTail(),
            regions.hasLost(),
            nodes.stream().anyMatch(Node::hasUnkept),
            regions.returned(),
            regions.together(),
            onOneDisk(false),
            onOneDisk(true)),
        sharing != null && sharing.keepsOrder(),
        units);
  }

  /** What a region has lost, and no copy had, of nodes that others may have taken for dead. */
  private Set<String> onOneDisk(boolean thatIsGone) {
    Set<String> names = new HashSet<>();
    SharedFaults shared = sharing;
    List<Losses.Lost> losses = regions.together();
    if (shared != null) {
      for (Told told : history.told()) {
        TransactionId id = told.id();
        String name = told.work().name();
        boolean away =
            nodes.stream()
                .filter(node -> node.name().equals(told.node()))
                .anyMatch(node -> thatIsGone ? node.isGone() : node.wasAway());
        boolean lost = losses.stream().anyMatch(each -> each.names().contains(name));
        if (id != null && away && lost && !shared.wasCopied(id, told)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /** What clients were told is forgotten, so that what is left in memory is the platform's. */
  void forgetTold() {
    history.clear();
    letters.clear();
    outcomes.clear();
  }

  /** A dead letter was announced. */
  void judge(DeadLetter letter) {
    letters.add(letter);
    if (letter.sqlState().equals("42P01") && chaos.isMissingEverythingForShort()) {
      complaints.add("a dead letter because a table is missing for short: " + letter);
    }
  }
}
