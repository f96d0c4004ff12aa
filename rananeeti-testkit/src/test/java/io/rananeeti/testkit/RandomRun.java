package io.rananeeti.testkit;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryFaults.Fate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run: some applications, a series of faults, the end of all faults, and the audit. Owned by
 * the test's thread.
 */
final class RandomRun {

  static final String POISON = "arsenic";

  private static final int APPLICATIONS = 3;
  private static final int TRANSACTIONS = 14;
  private static final int FAULTS = 8;
  private static final Duration TICK = Duration.ofMillis(5);
  private static final List<String> STATES = List.of("40001", "55P03", "08006", "57P01", "53300");

  private final Random random;
  private final ManualSeams seams;
  private final InMemoryDatabase database;
  private final ManualPlatform manual;
  private final List<RandomApplication> applications = new ArrayList<>();
  private final List<String> story = new CopyOnWriteArrayList<>();
  private final Set<TransactionId> discarded = new HashSet<>();
  private final Set<TransactionId> retried = new HashSet<>();
  private final AtomicInteger process = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<String> complaints = new ArrayList<>();
  private volatile DataPlatform platform;
  private volatile boolean dying;

  RandomRun(long seed, Path directory) {
    this.random = new Random(seed);
    this.seams = new ManualSeams(seed);
    this.database = new InMemoryDatabase(seams);
    database.createTable("orders");
    database.createTableWithoutKey("events");
    database.faults().refuse(row -> row.values().contains(POISON));
    int width = 1 + random.nextInt(4);
    this.manual =
        ManualPlatform.open(
            database,
            seams,
            directory,
            settings -> settings.outageBudget(Duration.ofMillis(100)).drainWidth(width));
    this.platform = manual.platform();
  }

  /** The platform of the process that lives now. */
  DataPlatform platform() {
    return platform;
  }

  /** Which process lives now; none while one dies. */
  int process() {
    return dying ? -1 : process.get();
  }

  ManualSeams seams() {
    return seams;
  }

  void tell(String what) {
    story.add(what);
  }

  void run() throws Exception {
    Seams.Running ticker = seams.start("ticker", this::tick);
    try {
      List<Seams.Running> running = new ArrayList<>();
      for (int i = 0; i < APPLICATIONS; i++) {
        RandomApplication application =
            new RandomApplication(this, i, TRANSACTIONS, random.nextLong());
        applications.add(application);
        running.add(seams.start("application-" + i, application::run));
      }
      for (int i = 0; i < FAULTS; i++) {
        rest(Duration.ofMillis(random.nextInt(300)));
        fault();
      }
      end(running);
    } finally {
      manual.close();
      over.countDown();
      ticker.join(Deadline.NEVER);
    }
    complaints.addAll(new RandomAudit(database, applications, discarded, retried).complaints());
    seams.failures().forEach(failure -> complaints.add("a thread has thrown " + failure));
    if (database.sessions() != 0) {
      complaints.add("connections are left open: " + database.sessions());
    }
  }

  private void tick() {
    try {
      while (!over.await(500, TimeUnit.MICROSECONDS)) {
        seams.tick(TICK);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the ticker", e);
    }
  }

  private void rest(Duration time) throws InterruptedException {
    long until = Deadline.after(seams, time);
    manual.await("time passes", () -> seams.nanoTime() >= until);
  }

  private void fault() throws Exception {
    InMemoryFaults faults = database.faults();
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        tell("unreachable");
        faults.unreachable(true);
      }
      case 2 -> {
        tell("hangs");
        faults.hang(true);
      }
      case 3 -> {
        tell("read-only");
        faults.readOnly(true);
      }
      case 4, 5, 6 -> loseReplies();
      case 7 -> fail();
      case 8 -> {
        tell("late ones arrive");
        deliverLate();
      }
      case 9 -> {
        tell("another writer");
        database.failOver("writer-" + random.nextInt(3));
      }
      case 10 -> die();
      default -> {
        tell("heals");
        faults.heal();
      }
    }
  }

  private void loseReplies() {
    Fate fate = any(List.of(Fate.values()));
    Step step = random.nextInt(3) == 0 ? Step.SETTLE : Step.COMMIT;
    tell("next reply at " + step + " is " + fate);
    database.faults().loseReply(step, fate);
  }

  private void fail() {
    Step step = any(List.of(Step.values()));
    String state = any(STATES);
    tell(step + " fails with " + state);
    database.faults().fail(step, state, 1 + random.nextInt(3));
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private void die() throws Exception {
    dying = true;
    switch (random.nextInt(3)) {
      case 0 -> {
        tell("the process dies");
        manual.kill();
      }
      case 1 -> {
        tell("the disk fails, then the machine dies");
        manual.disk().failForces(true);
        rest(Duration.ofMillis(random.nextInt(50)));
        manual.crash(random);
        manual.disk().failForces(false);
      }
      default -> {
        tell("the machine dies");
        manual.crash(random);
      }
    }
    manual.reopen();
    platform = manual.platform();
    process.incrementAndGet();
    dying = false;
    tell("the process is back");
  }

  /** All faults end, all applications end, and everything that waits is dealt with. */
  private void end(List<Seams.Running> running) throws Exception {
    if (random.nextBoolean()) {
      deliverLate();
    }
    tell("all faults end");
    database.faults().heal();
    manual.await("the applications end", () -> applications.stream().allMatch(each -> each.over()));
    for (Seams.Running each : running) {
      each.join(Deadline.NEVER);
    }
    database.deliverLate();
    boolean retry = random.nextBoolean();
    if (retry) {
      database.faults().refuse(row -> false);
    }
    manual.await("everything is dealt with", () -> settled(retry));
    database.deliverLate();
    manual.await(
        "outcomes are known", () -> applications.stream().allMatch(each -> each.ask(platform)));
  }

  /**
   * A server that hangs takes none; one that waits for a lock of a hanging session would hang us.
   */
  private void deliverLate() {
    database.faults().hang(false);
    database.deliverLate();
  }

  private boolean settled(boolean retry) {
    for (DeadLetter letter : platform.deadLetters().list()) {
      if (retry && retried.add(letter.id())) {
        platform.deadLetters().retry(letter.id(), "ann", "mended");
      } else if (!retry && discarded.add(letter.id())) {
        platform.deadLetters().discard(letter.id(), "ann", "not for our guests");
      }
    }
    Health.StoreHealth health = manual.health();
    return health.availability() == Availability.UP
        && health.backlog() == 0
        && platform.deadLetters().list().isEmpty();
  }

  /** What is wrong; empty if all is well. */
  List<String> complaints() {
    return complaints;
  }

  @Override
  public String toString() {
    return String.join(System.lineSeparator(), story);
  }
}
