package io.rananeeti.testkit.simulation;

import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultPoint;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Does harm to a real server and its connections, one fault after the other, of the few kinds that
 * this seed has drawn. Faults wait for transactions to end rather than for time to pass. Used by
 * one thread.
 */
final class RealChaos {

  /** What can be done to a real server from outside. */
  static final Set<FaultKind> KINDS =
      EnumSet.of(
          FaultKind.UNREACHABLE,
          FaultKind.HANGS,
          FaultKind.READ_ONLY,
          FaultKind.COMMIT_REPLY_LOST,
          FaultKind.COMMIT_REQUEST_LOST,
          FaultKind.COMMIT_LATE,
          FaultKind.SETTLE_REPLY_LOST,
          FaultKind.SETTLE_REQUEST_LOST,
          FaultKind.SETTLE_LATE,
          FaultKind.CONNECTION_BREAKS,
          FaultKind.SESSION_ENDED,
          FaultKind.CANCELLED,
          FaultKind.SERVER_RESTARTS,
          FaultKind.ROW_LOCKED,
          FaultKind.SLOW_NETWORK,
          FaultKind.CLOSED);

  /** Every run has one of these first. */
  private static final List<FaultKind> OUTAGES =
      List.of(FaultKind.UNREACHABLE, FaultKind.HANGS, FaultKind.READ_ONLY);

  private static final Message COMMIT = Message.running("current_xact_id_if_assigned");
  private static final Message SETTLE =
      Message.running("current_setting\\('synchronous_commit'\\)");
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int LATEST = 600;
  private static final int LONGEST_LOCK = 700;

  private final RealRun run;
  private final PostgresServer server;
  private final FaultProxy proxy;
  private final SeededRandom random;
  private final List<FaultKind> kinds = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private final FaultKind outage;
  private final boolean startsDown;
  private boolean down;

  RealChaos(RealRun run, PostgresServer server, FaultProxy proxy, SeededRandom random) {
    this.run = run;
    this.server = server;
    this.proxy = proxy;
    this.random = new SeededRandom(random.nextLong());
    Set<FaultKind> drawn = EnumSet.noneOf(FaultKind.class);
    int most = 1 + random.nextInt(8);
    for (int i = 0; i < most; i++) {
      drawn.add(random.oneOf(List.copyOf(KINDS)));
    }
    kinds.addAll(drawn);
    outage = random.oneOf(OUTAGES);
    startsDown = random.oneIn(6);
  }

  /** What this run may inflict. */
  Set<FaultKind> inflicted() {
    return EnumSet.copyOf(kinds);
  }

  /** Before anything is open. */
  void begin() {
    if (startsDown) {
      inflict(FaultKind.UNREACHABLE);
    }
  }

  /** Whether the server does not answer now. */
  boolean isDown() {
    return down;
  }

  /** So many faults, each once up to so many more transactions have ended. */
  void run(int times, int apart) {
    for (int i = 0; i < times; i++) {
      run.awaitEndOf(1 + random.nextInt(apart), PATIENCE);
      if (i == 0) {
        inflict(outage);
      } else if (random.oneIn(5)) {
        heal();
      } else if (random.oneIn(5)) {
        run.trace("operator", "attends");
        node().attend(2);
      } else {
        inflict(random.oneOf(kinds));
      }
    }
    run.awaitEndOf(1 + random.nextInt(apart), PATIENCE);
  }

  private RealNode node() {
    return random.oneOf(run.nodes());
  }

  private void inflict(FaultKind kind) {
    run.trace("fault", kind);
    run.counters().count(kind);
    switch (kind) {
      case UNREACHABLE -> {
        down = true;
        server.kill();
      }
      case HANGS -> {
        down = true;
        server.pause();
      }
      case READ_ONLY -> readOnly(true);
      case COMMIT_REPLY_LOST -> faults.add(at(COMMIT).loseReply());
      case COMMIT_REQUEST_LOST -> faults.add(at(COMMIT).reset());
      case COMMIT_LATE -> faults.add(at(COMMIT).deliverLate(late()));
      case SETTLE_REPLY_LOST -> faults.add(at(SETTLE).loseReply());
      case SETTLE_REQUEST_LOST -> faults.add(at(SETTLE).reset());
      case SETTLE_LATE -> faults.add(at(SETTLE).deliverLate(late()));
      case CONNECTION_BREAKS -> proxy.reset();
      case SESSION_ENDED -> onServer(ofOthers("pg_terminate_backend"));
      case CANCELLED -> onServer(ofOthers("pg_cancel_backend"));
      case SERVER_RESTARTS -> {
        server.kill();
        server.start();
        down = false;
      }
      case ROW_LOCKED -> lock();
      case SLOW_NETWORK -> proxy.delay(somewhat(), somewhat());
      case CLOSED -> {
        RealNode node = node();
        node.close();
        node.open(down);
      }
      default -> throw new IllegalStateException("cannot be done to a real server: " + kind);
    }
  }

  private FaultPoint at(Message message) {
    return proxy.on(message);
  }

  private Duration late() {
    return Duration.ofMillis(random.nextInt(LATEST));
  }

  private Duration somewhat() {
    return Duration.ofMillis(random.nextInt(20));
  }

  private static String ofOthers(String function) {
    return "SELECT "
        + function
        + "(pid) FROM pg_stat_activity"
        + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
  }

  private void readOnly(boolean on) {
    onServer(
        "ALTER SYSTEM "
            + (on
                ? "SET default_transaction_read_only = on"
                : "RESET default_transaction_read_only"),
        "SELECT pg_reload_conf()");
  }

  private void onServer(String... sql) {
    if (down) {
      return;
    }
    try {
      server.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void lock() {
    String account = random.oneOf(Work.ACCOUNTS);
    Duration time = Duration.ofMillis(random.nextInt(LONGEST_LOCK));
    if (!down) {
      run.start("locker", () -> lock(account, time));
    }
  }

  private void lock(String account, Duration time) {
    try (Connection connection = server.connect()) {
      connection.setAutoCommit(false);
      try (PreparedStatement statement =
          connection.prepareStatement("UPDATE accounts SET v = v + 0 WHERE k = ?")) {
        statement.setString(1, account);
        statement.executeUpdate();
      }
      run.pause(time);
      connection.rollback();
    } catch (SQLException e) {
      run.trace("the locker failed:", e);
    }
  }

  /** All faults end. */
  void heal() {
    run.trace("fault", "none");
    faults.forEach(Fault::cancel);
    faults.clear();
    server.resume();
    server.start();
    down = false;
    proxy.pass();
    readOnly(false);
  }
}
