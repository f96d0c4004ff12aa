package io.rananeeti.testkit.simulation;

import io.rananeeti.internal.time.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Many threads of many processes, of which exactly one runs at a time; who goes on is chosen by a
 * seed at every lock, wait, signal, start, clock and {@link #point}, and time passes only when
 * nobody can do anything. The same seed gives the same {@link #trace trace}, byte for byte.
 *
 * <p>The turn is handed from thread to thread directly. Whoever has it owns all of the simulation's
 * state, so nothing in here is locked. Code that is simulated may use monitors and concurrent
 * collections around sections that contain no such point.
 *
 * <p>After FoundationDB's simulation (Zhou et al. 2021) and TigerBeetle's; the choice of schedules,
 * few switches in some seeds and many in others, after Burckhardt et al., "A randomized scheduler
 * with probabilistic guarantees of finding bugs" (2010).
 */
public final class Simulation {

  /** Nothing can ever happen any more, or it never comes to an end. */
  public static final class Stuck extends RuntimeException {

    private static final long serialVersionUID = 1;

    Stuck(String message) {
      super(message);
    }
  }

  private static final long ORIGIN = Duration.ofDays(1).toNanos();
  private static final long COST_OF_A_STEP = 1_000;
  private static final long MOST_STEPS = 3_000_000;
  private static final long STALL_NANOS = Duration.ofMinutes(2).toNanos();
  private static final int STARVABLE = 16;
  private static final int[] SWITCH_ONE_IN = {3, 10, 40, 150};

  private final Instant start = Instant.parse("2026-01-01T00:00:00Z").minusNanos(ORIGIN);
  private final SeededRandom random;
  private final SeededRandom schedule;
  private final int switchOneIn;
  private final int starved;
  private final SimulatedProcess world;
  private final List<SimulatedThread> threads = new ArrayList<>();
  private final List<SimulatedWaiter> held = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final @Nullable StringBuilder story;

  /** Who waits for the end: not always the thread that has made this. */
  private volatile Thread caller = Thread.currentThread();

  private SimulatedThread[] eligible = new SimulatedThread[32];
  private @Nullable SimulatedThread current;
  private @Nullable SimulatedThread unwinder;
  private @Nullable Stuck stuck;
  private volatile boolean over;
  private volatile long steps;
  private boolean evaluating;
  private long nanos = ORIGIN;
  private long switches;
  private long contentions;
  private long jumps;
  private int started;
  private long digest;

  /**
   * A simulation that has not begun.
   *
   * @param told whether to keep its trace
   */
  public Simulation(long seed, boolean told) {
    this.random = new SeededRandom(seed);
    this.schedule = new SeededRandom(seed ^ 0x5DEECE66DL);
    this.switchOneIn = SWITCH_ONE_IN[schedule.nextInt(SWITCH_ONE_IN.length)];
    this.starved = schedule.oneIn(4) ? schedule.nextInt(STARVABLE) : -1;
    this.story = told ? new StringBuilder() : null;
    this.world = new SimulatedProcess(this, "world", random.nextLong());
  }

  /** What is no part of any process: the database, and whoever does harm. It never dies. */
  public SimulatedProcess world() {
    return world;
  }

  /** A new process. */
  public SimulatedProcess process(String name) {
    return new SimulatedProcess(this, name, random.nextLong());
  }

  /** Chance for whoever has the turn. */
  SeededRandom random() {
    return random;
  }

  /**
   * Runs this as the first thread of the world, and returns when every thread has ended.
   *
   * @throws Stuck if that never happens
   */
  public void run(Runnable body) {
    caller = Thread.currentThread();
    SimulatedThread first = add(world, "main", body);
    current = first;
    first.giveTurn();
    long seen = -1;
    while (!over) {
      LockSupport.parkNanos(this, STALL_NANOS);
      if (!over && seen == steps) {
        throw new Stuck("a thread waits outside of the simulation: " + stacks());
      }
      seen = steps;
    }
    if (stuck != null) {
      throw stuck;
    }
  }

  private String stacks() {
    StringBuilder text = new StringBuilder();
    for (SimulatedThread thread : threads) {
      Thread carrier = thread.carrier();
      if (carrier != null && !thread.isOver()) {
        text.append(System.lineSeparator()).append(thread.state());
        for (StackTraceElement frame : carrier.getStackTrace()) {
          text.append(System.lineSeparator()).append("    ").append(frame);
        }
      }
    }
    return text.toString();
  }

  /** What threads have thrown. */
  public List<String> failures() {
    return failures;
  }

  /** How often the seed could have chosen another thread. */
  public long steps() {
    return steps;
  }

  /** How often another thread went on. */
  public long switches() {
    return switches;
  }

  /** How often a lock was not free. */
  public long contentions() {
    return contentions;
  }

  /** How often time had to pass because nobody could do anything. */
  public long jumps() {
    return jumps;
  }

  /** The virtual time that has passed. */
  public Duration elapsed() {
    return Duration.ofNanos(nanos - ORIGIN);
  }

  /** Two runs with the same one have, most likely, chosen the same at the same moments. */
  public long digest() {
    return digest;
  }

  /** The trace, if it was asked for. */
  public String story() {
    return story == null ? "" : story.toString();
  }

  /** Notes something in the trace. */
  public void trace(String what, Object detail) {
    if (story != null) {
      story
          .append(nanos - ORIGIN)
          .append(' ')
          .append(current)
          .append(": ")
          .append(what)
          .append(' ')
          .append(detail)
          .append('\n');
    }
  }

  Instant start() {
    return start;
  }

  long nanos() {
    return nanos;
  }

  /** Somebody else may go on here, or the process of the current thread die. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread runs at a time, the caller only looks
  public void point(String what) {
    if (evaluating) {
      return;
    }
    SimulatedThread me = current();
    refuseTheDead();
    steps++;
    nanos += COST_OF_A_STEP;
    if (steps > MOST_STEPS) {
      giveUp("it does not come to an end");
    }
    if (me.process().stepsToItsDeath()) {
      trace("dies at", what);
      kill(me.process());
    }
    if (schedule.oneIn(switchOneIn)) {
      block(me);
    }
  }

  /** Lets time pass for the current thread. */
  public void sleep(Duration time) {
    SimulatedWaiter nothing = new SimulatedWaiter(this);
    nothing.lock();
    try {
      nothing.await(() -> false, nanos + time.toNanos());
    } catch (InterruptedException e) {
      current().keepInterrupt();
    } finally {
      nothing.unlock();
    }
  }

  /** Ends a process: none of its threads does anything any more. */
  public void kill(SimulatedProcess process) {
    if (process.isDead()) {
      return;
    }
    trace("dies:", process);
    process.die();
    SimulatedThread me = current();
    held.forEach(waiter -> waiter.releaseFrom(process));
    unwind(me, thread -> thread.process() == process);
    refuseTheDead();
  }

  /** The names of a process's threads that have not ended. */
  List<String> threadsOf(SimulatedProcess process) {
    return threads.stream()
        .filter(thread -> thread.process() == process)
        .map(SimulatedThread::toString)
        .toList();
  }

  private void unwind(SimulatedThread me, Predicate<SimulatedThread> victims) {
    for (SimulatedThread victim : List.copyOf(threads)) {
      if (victim != me && victims.test(victim)) {
        unwinder = me;
        handOver(me, victim);
        unwinder = null;
      }
    }
  }

  SimulatedThread start(SimulatedProcess process, String name, Runnable body) {
    point("start");
    SimulatedThread thread = add(process, name, body);
    point("started");
    return thread;
  }

  private SimulatedThread add(SimulatedProcess process, String name, Runnable body) {
    SimulatedThread thread = new SimulatedThread(this, process, started++, name, body);
    threads.add(thread);
    return thread;
  }

  SimulatedThread current() {
    SimulatedThread me = current;
    if (me == null || me.carrier() != Thread.currentThread()) {
      throw new IllegalStateException(
          "%s is no thread of the simulation, or has not the turn"
              .formatted(Thread.currentThread()));
    }
    return me;
  }

  boolean isEvaluating() {
    return evaluating;
  }

  boolean evaluate(BooleanSupplier condition) {
    evaluating = true;
    try {
      return condition.getAsBoolean();
    } finally {
      evaluating = false;
    }
  }

  void refuseTheDead() {
    if (isDead(current())) {
      throw new ProcessDied();
    }
  }

  boolean isDead(SimulatedThread thread) {
    return stuck != null || thread.process().isDead();
  }

  void holds(SimulatedWaiter waiter) {
    held.add(waiter);
  }

  void contended() {
    contentions++;
  }

  void unlocked(SimulatedWaiter waiter) {
    held.remove(waiter);
  }

  void signal(SimulatedWaiter waiter) {
    for (int i = 0; i < threads.size(); i++) {
      threads.get(i).signal(waiter);
    }
  }

  void failed(SimulatedThread thread, Throwable failure) {
    trace("failed", failure);
    StringBuilder text = new StringBuilder(thread + " threw " + failure);
    for (StackTraceElement frame : failure.getStackTrace()) {
      text.append(System.lineSeparator()).append("      at ").append(frame);
    }
    failures.add(text.toString());
    if (thread.process() == world && stuck == null) {
      abandon("the world has failed");
    }
  }

  /** The current thread lets the seed choose; returns when it is its turn again. */
  void block(SimulatedThread me) {
    SimulatedThread next = choose();
    if (next != me) {
      switches++;
      handOver(me, next);
      refuseTheDead();
    }
  }

  private void handOver(SimulatedThread me, SimulatedThread next) {
    boolean interrupted = Thread.interrupted();
    me.losesTurn();
    current = next;
    next.giveTurn();
    me.awaitTurn();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The last act of a thread. */
  void threadEnded(SimulatedThread thread) {
    threads.remove(thread);
    SimulatedThread next = unwinder;
    if (next == null && !threads.isEmpty()) {
      next = last(this::choose);
    }
    if (next == null) {
      over = true;
      LockSupport.unpark(caller);
    } else {
      current = next;
      next.giveTurn();
    }
  }

  private static @Nullable SimulatedThread last(Supplier<SimulatedThread> choice) {
    try {
      return choice.get();
    } catch (ProcessDied abandoned) {
      return null;
    }
  }

  private SimulatedThread choose() {
    while (true) {
      int count = collect();
      if (count > 0) {
        SimulatedThread chosen = eligible[count == 1 ? 0 : pick(count)];
        digest = 31 * (31 * digest + nanos) + chosen.id();
        trace("goes on:", chosen);
        return chosen;
      }
      pass();
    }
  }

  private int collect() {
    if (eligible.length < threads.size()) {
      eligible = new SimulatedThread[2 * threads.size()];
    }
    int count = 0;
    for (int i = 0; i < threads.size(); i++) {
      SimulatedThread thread = threads.get(i);
      if (thread.process().pausedUntil() <= nanos && thread.canRun(nanos)) {
        eligible[count++] = thread;
      }
    }
    return count;
  }

  private int pick(int count) {
    int chosen = schedule.nextInt(count);
    boolean unlucky = starved >= 0 && eligible[chosen].id() % STARVABLE == starved;
    return unlucky && !schedule.oneIn(8) ? schedule.nextInt(count) : chosen;
  }

  /** Nobody can do anything: time passes. */
  private void pass() {
    long next = Deadline.NEVER;
    for (int i = 0; i < threads.size(); i++) {
      SimulatedThread thread = threads.get(i);
      long paused = thread.process().pausedUntil();
      long moment = paused > nanos ? paused : thread.deadline();
      next = moment > nanos ? Math.min(next, moment) : next;
    }
    if (next == Deadline.NEVER) {
      giveUp("nobody can ever do anything any more");
    }
    nanos = next;
    jumps++;
    if (jumps > MOST_STEPS) {
      giveUp("it does not come to an end");
    }
  }

  private void giveUp(String why) {
    abandon(why);
    throw new ProcessDied();
  }

  private void abandon(String why) {
    stuck = new Stuck(why + stacks());
    unwind(current(), thread -> true);
  }
}
