package io.rananeeti.internal;

import io.rananeeti.Adoption;
import io.rananeeti.DataPlatform;
import io.rananeeti.Health;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.jdbc.ConnectionHandler;
import io.rananeeti.internal.jdbc.Sessions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Context;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

  private final Settings settings;
  private final Seams seams;
  private final Desk desk;
  private final Drain drain;
  private final Probe probe;
  private final Coordinator coordinator;
  private final Sessions sessions;
  private final List<Seams.Running> threads = new ArrayList<>();

  StoreRuntime(Settings settings, Store store, Journal journal, Ids ids, Listeners listeners) {
    this.settings = settings;
    this.seams = settings.seams();
    this.sessions = new Sessions(settings.logDirectory(), store.name());
    Gate gate =
        new Gate(
            seams,
            (from, to) -> {
              LOG.info("{}: store={} {} -> {}", settings.name(), store.name(), from, to);
              listeners.availability(store.name(), from, to);
            });
    Alarms alarms = new Alarms(settings.name(), store.name(), listeners);
    this.desk =
        new Desk(
            store,
            gate,
            journal,
            ids,
            new Settler(store),
            listeners,
            alarms,
            new ConcurrentLinkedQueue<>(),
            new Leasing(settings, store, journal.leases(), gate));
    this.drain = new Drain(settings, desk);
    this.probe = new Probe(settings, desk, drain);
    this.coordinator = new Coordinator(settings, desk);
  }

  void start() {
    desk.store().open(this);
    String name = settings.name() + "-" + desk.store().name();
    threads.add(seams.start(name + "-probe", probe::run));
    threads.add(seams.start(name + "-drain", drain::run));
  }

  PlatformConnection connection(DataPlatform platform) {
    return ConnectionHandler.open(coordinator, sessions, platform);
  }

  Backlog backlog() {
    return desk.backlog();
  }

  void adopt(Adoption adoption) {
    drain.adopt(adoption);
    desk.gate().suspect();
  }

  /** Runs something that must not happen beside a commit, and lets the drain look again. */
  void recoverAfter(Runnable action) {
    desk.gate().recoverAfter(action);
  }

  /** What the ledger says of this id; null while nobody can be asked. */
  @Nullable Outcome askLedger(TransactionId id) {
    return coordinator.askLedger(
        new Transaction(
            id, desk.store().name(), List.of(), Context.NONE, null, null, seams.now(), null));
  }

  Health.StoreHealth health() {
    Backlog backlog = desk.backlog();
    Instant oldest = backlog.oldest();
    List<String> alarms = new ArrayList<>(desk.alarms().list());
    alarms.addAll(desk.store().warnings());
    alarms.addAll(desk.journal().warnings());
    return new Health.StoreHealth(
        desk.gate().look().availability(),
        desk.gate().since(),
        backlog.count(),
        oldest == null ? null : notNegative(Duration.between(oldest, seams.now())),
        backlog.acceptedSoFar(),
        backlog.appliedSoFar(),
        desk.journal().book().count(desk.store().name()),
        alarms);
  }

  private static Duration notNegative(Duration age) {
    return age.isNegative() ? Duration.ZERO : age;
  }

  void stop() {
    desk.gate().stop();
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
  public void suspect() {
    desk.gate().suspect();
  }

  @Override
  public void writerChanged(Writer writer) {
    probe.writerChanged(writer);
  }
}
