package io.rananeeti.testkit;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The switches of an {@link InMemoryDatabase}. Each stays as it was set until it is set again; what
 * counts down is used up. Thread-safe.
 */
public final class InMemoryFaults {

  /** What becomes of a COMMIT whose reply is lost. */
  public enum Fate {
    /** It arrives and is done; only the reply is lost. */
    DONE,
    /** It never arrives; the server rolls back. */
    LOST,
    /**
     * It is still on its way, with its transaction open and its locks held, until {@link
     * InMemoryDatabase#deliverLate()}.
     */
    LATE
  }

  /**
   * What messages meet on their way. A simulation brings its own; called with the database's lock
   * held, so it must not wait.
   */
  public interface Wire {

    /** Every message arrives at once, or never. */
    Wire IMMEDIATE =
        new Wire() {
          @Override
          public long nanosUnderWay(Step step) {
            return 0;
          }

          @Override
          public boolean arrivesWithoutSender() {
            return false;
          }
        };

    /** How long a request or a reply takes. */
    long nanosUnderWay(Step step);

    /** Whether a COMMIT arrives although its sender was severed, or died, meanwhile. */
    boolean arrivesWithoutSender();
  }

  private final Seams seams;
  private final Waiter waiter;
  private Wire wire = Wire.IMMEDIATE;
  private final Map<Step, Deque<String>> failures = new EnumMap<>(Step.class);
  private final Map<Step, Deque<Fate>> fates = new EnumMap<>(Step.class);
  private Predicate<Row> refused = row -> false;
  private Predicate<Row> refusedAtTheEnd = row -> false;
  private Predicate<Row> refusedByCommit = row -> false;
  private boolean unreachable;
  private boolean hangs;
  private boolean readOnly;

  InMemoryFaults(Seams seams, Waiter waiter) {
    this.seams = seams;
    this.waiter = waiter;
  }

  /** From now on messages meet this. */
  public void wire(Wire replacement) {
    set(() -> wire = replacement);
  }

  /** Nobody reaches it: connections are refused, calls fail with 08006, the server rolls back. */
  public void unreachable(boolean on) {
    set(() -> unreachable = on);
  }

  /**
   * It takes calls and answers none, until this is switched off or the caller severs its
   * connections. A COMMIT that was sent meanwhile and whose caller is gone is late: see {@link
   * Fate#LATE}.
   */
  public void hang(boolean on) {
    set(() -> hangs = on);
  }

  /** It answers, but is no writer: writes fail with 25006. */
  public void readOnly(boolean on) {
    set(() -> readOnly = on);
  }

  /** The next so many of these steps fail with this SQLSTATE, and do nothing. */
  public void fail(Step step, String sqlState, int times) {
    set(
        () -> {
          Deque<String> queue = failures.computeIfAbsent(step, any -> new ArrayDeque<>());
          for (int i = 0; i < times; i++) {
            queue.add(sqlState);
          }
        });
  }

  /** How many of the failures that were asked for at this step are still to come. */
  public int left(Step step) {
    waiter.lock();
    try {
      Deque<String> queue = failures.get(step);
      return queue == null ? 0 : queue.size();
    } finally {
      waiter.unlock();
    }
  }

  /**
   * The reply to the next COMMIT is lost: of an application at {@link Step#COMMIT}, of the platform
   * itself at {@link Step#SETTLE}.
   */
  public void loseReply(Step step, Fate fate) {
    set(() -> fates.computeIfAbsent(step, any -> new ArrayDeque<>()).add(fate));
  }

  /** A check constraint: a row of this kind is refused with 23514 by the statement. */
  public void refuse(Predicate<Row> rows) {
    set(() -> refused = rows);
  }

  /**
   * A deferred constraint: a row of this kind is refused with 23514 when constraints are made
   * immediate, or by COMMIT.
   */
  public void refuseAtTheEnd(Predicate<Row> rows) {
    set(() -> refusedAtTheEnd = rows);
  }

  /** A row of this kind is refused with 23514 by COMMIT, and by nothing before it. */
  public void refuseByCommit(Predicate<Row> rows) {
    set(() -> refusedByCommit = rows);
  }

  /** Ends outages and forgets failures and lost replies to come; constraints stay. */
  public void heal() {
    set(
        () -> {
          unreachable = false;
          hangs = false;
          readOnly = false;
          failures.clear();
          fates.clear();
        });
  }

  /** Waits while it hangs, then fails if this step is to fail. The lock is held. */
  void meet(Step step, BooleanSupplier severed) throws SQLException {
    Uninterrupted.await(waiter, () -> !hangs || severed.getAsBoolean(), Deadline.NEVER);
    travel(step, severed);
    meetNow(step);
  }

  /** A request or a reply is under way, unless its connection is severed. The lock is held. */
  void travel(Step step, BooleanSupplier severed) {
    long nanos = wire.nanosUnderWay(step);
    if (nanos > 0) {
      Uninterrupted.await(waiter, severed, seams.nanoTime() + nanos);
    }
  }

  /** Whether a COMMIT that is under way arrives although its sender is gone. */
  boolean arrivesWithoutSender() {
    return hangs || wire.arrivesWithoutSender();
  }

  /** Fails if this step is to fail. The lock is held. */
  void meetNow(Step step) throws SQLException {
    if (unreachable) {
      throw broken();
    }
    Deque<String> queue = failures.get(step);
    String state = queue == null ? null : queue.poll();
    if (state != null) {
      throw new SQLException("a failure that was asked for", state);
    }
  }

  boolean isHanging() {
    return hangs;
  }

  boolean isReadOnly() {
    return readOnly;
  }

  @Nullable Fate fate(Step step) {
    Deque<Fate> queue = fates.get(step);
    return queue == null ? null : queue.poll();
  }

  void check(Row row) throws SQLException {
    check(refused, row);
  }

  void checkDeferred(Row row) throws SQLException {
    check(refusedAtTheEnd, row);
  }

  void checkByCommit(Row row) throws SQLException {
    checkDeferred(row);
    check(refusedByCommit, row);
  }

  private static void check(Predicate<Row> constraint, Row row) throws SQLException {
    if (constraint.test(row)) {
      throw new SQLException("new row violates check constraint \"harmless\"", "23514");
    }
  }

  static SQLException broken() {
    return new SQLException("the connection is broken", "08006");
  }

  private void set(Runnable change) {
    waiter.lock();
    try {
      change.run();
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }
}
