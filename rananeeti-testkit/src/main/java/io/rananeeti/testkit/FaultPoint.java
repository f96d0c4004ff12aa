package io.rananeeti.testkit;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The moment at which a {@link FaultProxy} does something: a chosen message, once unless told
 * otherwise.
 *
 * <p>Each verb sets the fault up and returns it. A fault looks at messages that arrive after that,
 * in the order of their arrival at the proxy; of several faults that match a message, the one set
 * up first strikes. Each strike but {@link #hang(Duration)} ends the client's connection by a reset
 * (the client sees its read fail), so a connection meets one of them at most.
 *
 * <p>A <em>request</em> here is what a client sends before it waits: in the extended protocol all
 * messages from the one after the last Sync or Flush up to the next Sync or Flush, otherwise a
 * single message. The proxy always forwards whole requests. pgjdbc sends a prepared {@code insert
 * ...; COMMIT} as one request.
 */
public final class FaultPoint {

  private final Message message;
  private final Consumer<Fault> setUp;
  private final Runnable wake;
  private @Nullable Message first;
  private long passing;
  private long times = 1;
  private BooleanSupplier chance = () -> true;

  FaultPoint(Message message, Consumer<Fault> setUp, Runnable wake) {
    this.message = message;
    this.setUp = setUp;
    this.wake = wake;
  }

  /**
   * Lets the fault strike on one connection only: the next on which such a message comes, from the
   * first message of the request that contains it. So a transaction is followed by something in it,
   * or by its BEGIN, which pgjdbc sends as a request of its own in front of the first statement,
   * without waiting. After a strike the next connection is chosen in the same way.
   */
  public FaultPoint since(Message choice) {
    first = choice;
    return this;
  }

  /** Lets so many matching messages pass before the first strike; not negative. */
  public FaultPoint after(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count=" + count + " is negative");
    }
    passing = count;
    return this;
  }

  /** Lets the fault strike so many times, at least 1, instead of once. */
  public FaultPoint times(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("times=" + count + " is less than 1");
    }
    times = count;
    return this;
  }

  /** Lets the fault strike until it is {@linkplain Fault#cancel() cancelled}. */
  public FaultPoint always() {
    times = Long.MAX_VALUE;
    return this;
  }

  /** Lets the fault strike at a matching message with this probability, from 0 to 1, only. */
  public FaultPoint withProbability(double probability, RandomGenerator random) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability=" + probability + " is not between 0 and 1");
    }
    chance = () -> random.nextDouble() < probability;
    return this;
  }

  /** Resets both connections. Nothing of the request reaches the server. */
  public Fault reset() {
    return set(Fault.Verb.RESET, Duration.ZERO);
  }

  /**
   * Forwards what stands before the message in its request, then cuts: the message does not reach
   * the server.
   */
  public Fault cutBefore() {
    return set(Fault.Verb.CUT_BEFORE, Duration.ZERO);
  }

  /**
   * Forwards the request up to and including the message, then cuts: the server runs what it got,
   * and its reply is lost. What stands behind the message in its request, such as Sync, does not
   * reach the server.
   */
  public Fault cutAfter() {
    return set(Fault.Verb.CUT_AFTER, Duration.ZERO);
  }

  /**
   * Forwards the whole request, and cuts the client's connection once the server has answered it:
   * no byte of the reply passes. So what the request did is done when the client notices. While the
   * server does not answer, the client waits.
   *
   * <p>A request that ends with Flush has no end of its reply; there the first byte of the reply
   * counts as the answer.
   */
  public Fault loseReply() {
    return set(Fault.Verb.LOSE_REPLY, Duration.ZERO);
  }

  /**
   * Cuts the client's connection at once, and delivers the whole request to the server after the
   * delay, or when it is {@linkplain Fault#release() released}, on the server's own connection,
   * which stays open: a transaction stays open in between, with its locks, and the late request
   * finds it. Held is the request that contains the message, from its first message on; earlier
   * requests were delivered.
   *
   * <p>Closing the proxy before drops the request.
   */
  public Fault deliverLate(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay=" + delay + " is negative");
    }
    return set(Fault.Verb.DELIVER_LATE, delay);
  }

  /**
   * Lets the whole proxy hang for so long, as {@link FaultProxy#hang()} does, before anything of
   * the request reaches the server; then it goes on, and forwards the request, even if the client
   * has gone meanwhile. {@link Fault#release()} ends it earlier.
   */
  public Fault hang(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration=" + duration + " is negative");
    }
    return set(Fault.Verb.HANG, duration);
  }

  private Fault set(Fault.Verb verb, Duration delay) {
    Fault fault =
        new Fault(new Fault.Aim(message, first, passing, times, chance), verb, delay, wake);
    setUp.accept(fault);
    return fault;
  }
}
