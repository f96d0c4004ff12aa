package io.rananeeti.aurora;

import io.rananeeti.store.Isolation;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultPoint;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * One transaction, and how it is interrupted; all of it drawn from a seed.
 *
 * @param tag marks what it writes
 * @param after how many messages of the target's kind pass before the one that is struck
 * @param times how often it is struck: the second time it may be the settling or the next attempt
 * @param length how late, or how long it hangs
 * @param mayDefer what the application says of this transaction
 */
record Interruption(
    String tag,
    Site.Kind site,
    Shape shape,
    Isolation isolation,
    Target target,
    int after,
    Strike strike,
    int times,
    Duration length,
    boolean mayDefer,
    Persistence persistence) {

  private static final Message BEGIN = Message.running("^BEGIN");

  /** Which of the client's messages is struck. */
  enum Target {
    COMMIT,
    BEGIN,
    PARSE,
    BIND,
    EXECUTE,
    SYNC,
    ANY
  }

  /** How it is struck. */
  enum Strike {
    RESET,
    CUT_BEFORE,
    CUT_AFTER,
    REPLY_LOST,
    LATE,
    HANG
  }

  /** What the application does about 40001. */
  enum Persistence {
    GIVES_UP,
    RUNS_AGAIN,
    RUNS_AGAIN_ON_THE_SAME_CONNECTION,
    IN_TRANSACTION
  }

  /** Seeds that follow one another come to all sites and shapes in turn. */
  static Interruption of(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    Site.Kind site = Site.Kind.of(seed);
    List<Shape> shapes = List.of(Shape.values());
    Shape shape = shapes.get(Math.floorMod(seed / Site.Kind.values().length, shapes.size()));
    Strike strike = strike(site, random);
    boolean outage = site.brief() && strike == Strike.HANG;
    Target target =
        random.nextInt(10) < (outage ? 8 : 4) ? Target.COMMIT : any(random, Target.values());
    Persistence persistence = any(random, Persistence.values());
    if (shape.autoCommits() || shape == Shape.COMMIT_AS_TEXT) {
      persistence =
          persistence == Persistence.IN_TRANSACTION ? Persistence.RUNS_AGAIN : persistence;
    }
    return new Interruption(
        "<" + seed + ">",
        site,
        shape,
        any(random, Isolation.values()),
        target,
        target == Target.COMMIT || target == Target.BEGIN ? 0 : after(target, shape, random),
        strike,
        strike == Strike.HANG ? 1 : 1 + random.nextInt(3) / 2,
        length(strike, site, random),
        random.nextInt(4) > 0,
        persistence);
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  /** Where a hang is an outage, half of them hang. */
  private static Strike strike(Site.Kind site, Random random) {
    return site.brief() && random.nextBoolean() ? Strike.HANG : any(random, Strike.values());
  }

  private static int after(Target target, Shape shape, Random random) {
    return random.nextInt(shape.statements * (target == Target.ANY ? 5 : 1) + 1);
  }

  /** A hang is an outage where the platform's budget is short, and only a pause elsewhere. */
  private static Duration length(Strike strike, Site.Kind site, Random random) {
    if (strike == Strike.LATE) {
      return Duration.ofMillis(random.nextInt(3_000));
    }
    return Duration.ofMillis(random.nextInt(300) + (site.brief() ? 1_100 : 50));
  }

  Fault setUp(FaultProxy proxy) {
    FaultPoint point = proxy.on(message()).since(first()).after(after).times(times);
    return switch (strike) {
      case RESET -> point.reset();
      case CUT_BEFORE -> point.cutBefore();
      case CUT_AFTER -> point.cutAfter();
      case REPLY_LOST -> point.loseReply();
      case LATE -> point.deliverLate(length);
      case HANG -> point.hang(length);
    };
  }

  /** Nobody but the application begins a transaction then, and BEGIN stands before its tag. */
  private Message first() {
    return switch (target) {
      case BEGIN, ANY -> BEGIN;
      default -> Message.carrying(tag);
    };
  }

  private Message message() {
    return switch (target) {
      case COMMIT -> Message.commit();
      case BEGIN -> BEGIN;
      case PARSE -> Message.parse();
      case BIND -> Message.bind();
      case EXECUTE -> Message.execute();
      case SYNC -> Message.sync();
      case ANY -> Message.any();
    };
  }
}
