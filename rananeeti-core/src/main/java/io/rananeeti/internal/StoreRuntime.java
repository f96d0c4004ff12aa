package io.rananeeti.internal;

import io.rananeeti.Adoption;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.jdbc.ConnectionHandler;
import io.rananeeti.internal.jdbc.Sessions;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StatementReader;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store in the platform: its gate, its probe, its drain, and the coordinator of its commits.
 */
final class StoreRuntime implements StoreHost {

  private static final Logger LOG = LoggerFactory.getLogger(StoreRuntime.class);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private final Settings settings;
  private final Seams seams;
  private final Desk desk;
  private final Drain drain;
  private final Probe probe;
  private final Coordinator coordinator;
  private final EarlyForce early;
  private final Sessions sessions;
  private final List<Seams.Running> threads = new ArrayList<>();

  /** What reads the store's texts; null where they are SQL as PostgreSQL has it. */
  @Nullable StatementReader statements() {
    return desk.store().reader();
  }

  StoreRuntime(
      Settings settings,
      Store store,
      Journal journal,
      Ids ids,
      Listeners listeners,
      @Nullable OutageFindings findings,
      Map<String, Desk> desks) {
    this.settings = settings;
    this.seams = settings.seams();
    this.sessions = new Sessions(settings.logDirectory(), store, findings);
    Gate gate =
        new Gate(
            seams,
            (from, to) -> {
              LOG.info("{}: store={} {} -> {}", settings.name(), store.name(), from, to);
              listeners.availability(store.name(), from, to);
              desks.values().forEach(desk -> desk.gate().rouse()); // Units may have waited for it.
            });
    Holding holding = new Holding();
    holding.set(journal.held(store.name()));
    Alarms alarms = new Alarms(settings.name(), store.name(), listeners);
    this.desk =
        new Desk(
            store,
            gate,
            journal,
            ids,
            new Settler(store, holding),
            listeners,
            alarms,
            new ConcurrentLinkedQueue<>(),
            holding,
            new Leasing(
                settings,
                store,
                journal.leases(),
                gate,
                holding,
                () -> journal.waitsFor(store.name())),
            new Parts(store, seams, alarms, desks, journal::isMoved));
    desks.put(store.name(), desk);
    this.drain = new Drain(settings, desk);
    this.probe = new Probe(settings, desk, drain);
    this.early = new EarlyForce(journal.log(), seams);
    this.coordinator = new Coordinator(settings, desk, new Retention(desk, early));
  }

  void start() {
    desk.store().open(this);
    String name = settings.name() + "-" + desk.store().name();
    threads.add(seams.start(name + "-probe", probe::run));
    threads.add(seams.start(name + "-drain", drain::run));
    if (retains()) {
      threads.add(seams.start(name + "-force", early::run));
    }
  }

  Desk desk() {
    return desk;
  }

  /** Whether what a dead node has left may be applied now. */
  boolean takesOrphans() {
    Gate.Passage passage = desk.gate().look();
    return !desk.holding().isHeld() && (passage.up() || drain.hasRegistered(passage.epoch()));
  }

  /** Whether a person has decided about a history that lacks a dead node. */
  boolean adoptsOrphans() {
    return drain.adoptsOrphans();
  }

  /** What a dead node has left is on the writer that is named. */
  void orphansAreKnown() {
    drain.orphansAreKnown();
  }

  /** What a dead node has left can't be applied now. */
  void orphanFailed(StoreException e) {
    if (e.sqlState().equals(Drain.HISTORY)) {
      drain.askForOrphans(e);
    } else {
      desk.gate().suspect();
    }
  }

  PlatformConnection connection(DataPlatform platform) {
    return ConnectionHandler.open(coordinator, sessions, platform);
  }

  Backlog backlog() {
    return desk.backlog();
  }

  void adopt(Adoption adoption, Runnable announced) {
    drain.adopt(adoption, announced);
    desk.gate().suspect();
  }

  /** Keeps everything away from the store, once the COMMITs under way are answered (R8). */
  void hold(LogRecord.Held decision, AuditTrail audit) {
    desk.gate().downAfter(() -> hold(decision, desk.holding().held(), audit));
    awaitQuiet();
    List.of("probe", "drain", "blocked").forEach(desk.alarms()::clear);
    desk.store().sever();
  }

  private void hold(LogRecord.Held decision, LogRecord.@Nullable Held now, AuditTrail audit) {
    if (now == null) {
      audit.add(desk.journal().hold(decision), Decisions.held(decision));
      desk.holding().set(decision);
      return;
    }
    if (!now.by().equals(decision.by()) || !now.reason().equals(decision.reason())) {
      throw new IllegalStateException(
          "store %s is held by %s since %s already: %s; release it first"
              .formatted(now.store(), now.by(), now.at(), now.reason()));
    }
  }

  /** What the drain has begun may end by itself; what hangs is severed. */
  private void awaitQuiet() {
    long patience = Deadline.after(seams, settings.outageBudget());
    try {
      while (desk.holding().isAtWork() && !desk.gate().stopped()) {
        if (seams.nanoTime() >= patience) {
          desk.store().sever();
          patience = Deadline.after(seams, settings.outageBudget());
        }
        desk.gate().rest(LOOK_AGAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The probe decides from here on. */
  void release(LogRecord.Held decision, AuditTrail audit) {
    desk.gate().recoverAfter(() -> releaseHeld(decision, audit));
    desk.gate().suspect();
  }

  private void releaseHeld(LogRecord.Held decision, AuditTrail audit) {
    if (!desk.holding().isHeld()) {
      throw new IllegalStateException("nobody holds store " + decision.store());
    }
    audit.add(desk.journal().hold(decision), Decisions.held(decision));
    desk.holding().set(null);
  }

  /** Runs something that must not happen beside a commit, and lets the drain look again. */
  void recoverAfter(Runnable action) {
    desk.gate().recoverAfter(action);
  }

  /** What the ledger says of this id; null while nobody can be asked. */
  @Nullable Outcome askLedger(TransactionId id) {
    return coordinator.askLedger(
        new Transaction(
            id, desk.store().name(), List.of(), Context.NONE, null, null, seams.now(), null, null));
  }

  /** The receipt of who has an intent key; null if nobody has, as far as can be told now. */
  @Nullable Receipt receiptOf(String intentKey) {
    return coordinator.receiptOf(intentKey);
  }

  Health.StoreHealth health(@Nullable String ofAudit) {
    Backlog backlog = desk.backlog();
    Instant oldest = backlog.oldest();
    List<String> alarms = new ArrayList<>(desk.alarms().list());
    alarms.addAll(desk.store().warnings());
    alarms.addAll(desk.journal().warnings());
    if (ofAudit != null) {
      alarms.add(ofAudit);
    }
    return new Health.StoreHealth(
        desk.gate().look().availability(),
        desk.gate().since(),
        backlog.count(),
        oldest == null ? null : notNegative(Duration.between(oldest, seams.now())),
        backlog.acceptedSoFar(),
        backlog.appliedSoFar(),
        desk.journal().book().count(desk.store().name()),
        alarms,
        hold(),
        tail());
  }

  private Health.@Nullable Tail tail() {
    if (!retains()) {
      return null;
    }
    Tail.State state = desk.tail().state();
    Instant oldest = state.oldest();
    return new Health.Tail(
        state.kept(),
        oldest == null ? null : notNegative(Duration.between(oldest, seams.now())),
        state.givenUp(),
        state.appliedAgain());
  }

  private Health.@Nullable Hold hold() {
    LogRecord.Held held = desk.holding().held();
    return held == null ? null : new Health.Hold(held.by(), held.reason(), held.at());
  }

  private static Duration notNegative(Duration age) {
    return age.isNegative() ? Duration.ZERO : age;
  }

  void stop() {
    desk.gate().stop();
    early.stop();
    threads.forEach(Seams.Running::interrupt);
    desk.store().sever();
  }

  void awaitStop(long deadline) {
    try {
      for (Seams.Running thread : threads) {
        if (!thread.join(deadline)) {
          LOG.warn("{}: store={} a thread does not end", settings.name(), desk.store().name());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    desk.store().close();
  }

  @Override
  public String platform() {
    return settings.name();
  }

  @Override
  public UUID logId() {
    return desk.journal().log().id();
  }

  @Override
  public UUID incarnation() {
    return desk.ids().incarnation();
  }

  @Override
  public Spool spool() {
    return new ReadSpool(desk.journal().contents().requireSpool());
  }

  @Override
  public Duration intentRetention() {
    return settings.intentRetention();
  }

  @Override
  public boolean retains() {
    return desk.journal().retains(desk.store().name());
  }

  @Override
  public Frontier frontier() {
    return retains() ? desk.tail().frontier(desk.journal().isShared()) : Frontier.NONE;
  }

  @Override
  public void behind(Writer writer) {
    probe.behind(writer);
  }

  @Override
  public void proven(Writer writer) {
    desk.tail().sawEpoch(writer);
  }

  @Override
  public void suspect() {
    desk.gate().suspect();
  }

  @Override
  public void writerChanged(Writer writer) {
    probe.writerChanged(writer);
  }
}
