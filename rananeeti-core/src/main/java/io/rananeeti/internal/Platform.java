package io.rananeeti.internal;

import io.rananeeti.Adoption;
import io.rananeeti.AuditEntry;
import io.rananeeti.Availability;
import io.rananeeti.Committed;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetters;
import io.rananeeti.Health;
import io.rananeeti.OutageAudit;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.TransactionWork;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.archive.ArchiveSize;
import io.rananeeti.internal.archive.ArchiveUpload;
import io.rananeeti.internal.jdbc.PlatformDataSource;
import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform: wires the log and, for each store, a {@link StoreRuntime}. Thread-safe.
 *
 * <p>The log is opened, scanned and its new incarnation forced before anything else exists; closing
 * stops the threads first and closes the log last, so nothing is accepted that the log does not
 * hold.
 */
public final class Platform implements DataPlatform {

  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(10);
  private static final String ARCHIVE_DRAFT = "archive-draft";

  private final Settings settings;
  private final Seams seams;
  private final TransactionLog log;
  private final Journal journal;
  private final Ids ids;
  private final Map<String, StoreRuntime> stores = new LinkedHashMap<>();
  private final AuditTrail audit;
  private final Letters letters;
  private final Listeners listeners;
  private final @Nullable OutageFindings findings;
  private final @Nullable NodeSharing sharing;
  private final @Nullable Archiver archiver;
  private Seams.@Nullable Running archiving;
  private @Nullable OutageReport report;
  private Seams.@Nullable Running teller;
  private volatile boolean closed;

  private Platform(Settings settings, DurableLog log) {
    this.settings = settings;
    this.seams = settings.seams();
    this.log = log;
    this.ids = new Ids(log.incarnation());
    List<String> names = settings.stores().stream().map(Store::name).toList();
    this.journal = new Journal(log, seams, ids, new DeadLetterBook(), names, retaining(settings));
    journal.keepContents(spool(settings, log));
    this.audit = new AuditTrail(settings.name(), log.id(), settings.logDirectory());
    journal.keepFrom(audit::firstMissing);
    audit.complete(journal.decisions());
    this.findings = settings.audit().on() ? new OutageFindings(settings.name()) : null;
    Settings.Shared shared = settings.shared();
    this.sharing = shared == null ? null : new NodeSharing(settings, shared, journal);
    if (sharing != null) {
      journal.share(sharing);
    }
    ArchiveStorage archive = settings.archive();
    this.archiver = archive == null ? null : archiver(log, archive);
    if (archiver != null) {
      journal.archive(archiver);
    }
    this.listeners = new Listeners(settings.name(), settings.listeners(), seams);
    Map<String, Desk> desks = new ConcurrentHashMap<>();
    for (Store store : settings.stores()) {
      stores.put(
          store.name(),
          new StoreRuntime(settings, store, journal, ids, listeners, findings, desks));
    }
    if (sharing != null) {
      sharing.stores(stores);
    }
    this.letters = new Letters(journal, ids, seams, stores, audit);
  }

  /**
   * Opens the log and starts.
   *
   * @throws io.rananeeti.error.LogFailedException if the log can't be opened
   */
  public static DataPlatform open(Settings settings) {
    if (settings.retain() != null && retaining(settings).isEmpty()) {
      throw new IllegalArgumentException(
          "retain: none of the stores can tell what a new writer lacks; leave it out, or add a store that can, such as AuroraStore");
    }
    DurableLog log = openLog(settings);
    try {
      Platform platform = new Platform(settings, log);
      platform.start();
      LOG.info(
          "{}: open, log={} incarnation={} waiting={}",
          settings.name(),
          settings.logDirectory(),
          log.incarnation(),
          platform.stores.values().stream().mapToLong(store -> store.backlog().count()).sum());
      return platform;
    } catch (RuntimeException | Error e) {
      log.close();
      throw e;
    }
  }

  private Archiver archiver(DurableLog durable, ArchiveStorage storage) {
    return new Archiver(
        new Archiver.Source(
            durable, settings.name(), durable.id(), durable.incarnation(), durable.forced()),
        new Archiver.Target(
            new ArchiveUpload(storage, journal.incarnations()::contains),
            settings.logDirectory().resolve(ARCHIVE_DRAFT),
            ArchiveSize.DEFAULT),
        seams);
  }

  private void start() {
    teller = seams.start(settings.name() + "-listeners", listeners::run);
    stores.values().forEach(StoreRuntime::start);
    if (sharing != null) {
      sharing.start();
    }
    if (archiver != null) {
      archiving = seams.start(settings.name() + "-archive", archiver::run);
    }
    Path files = settings.audit().files();
    if (findings != null && files != null) {
      report = new OutageReport(settings.name(), findings, files);
    }
  }

  private static List<String> retaining(Settings settings) {
    return settings.retain() == null
        ? List.of()
        : settings.stores().stream().filter(Store::canRetain).map(Store::name).toList();
  }

  private static DurableLog openLog(Settings settings) {
    return DurableLog.open(
        settings.logDirectory(),
        settings.logStorage(),
        new LogOptions(
            limits(settings),
            settings.durability(),
            settings.networkLog(),
            settings.acceptedLogLoss()),
        settings.seams(),
        settings.name());
  }

  private static ContentSpool spool(Settings settings, DurableLog log) {
    Settings.Shared shared = settings.shared();
    if (shared != null && shared.contents() == null) {
      log.spool()
          .refuse(
              "content that is too large for an entry of the log is not copied to other nodes, so a log that is shared takes none; DataPlatform.Builder.sharedContents names a place for it");
    }
    return log.spool();
  }

  private static LogLimits limits(Settings settings) {
    try {
      LogLimits defaults = LogLimits.defaults(settings.logDirectory());
      Settings.LogSize size = settings.logSize();
      return new LogLimits(
          Objects.requireNonNullElse(size.maxBytes(), defaults.maxBytes()),
          Objects.requireNonNullElse(size.freeFloor(), defaults.freeFloor()));
    } catch (IOException e) {
      throw new LogFailedException(
          "the size of the disk under %s can't be read: make it readable, or move the log"
              .formatted(settings.logDirectory()),
          e);
    }
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public PlatformConnection getConnection(String store) throws SQLException {
    StoreRuntime runtime = runtime(store);
    if (closed) {
      throw Refusals.closed();
    }
    return runtime.connection(this);
  }

  @Override
  public DataSource dataSource(String store) {
    runtime(store);
    return new PlatformDataSource(this, store);
  }

  @Override
  public <T extends @Nullable Object> Committed<T> inTransaction(TransactionWork<T> work)
      throws SQLException {
    String store = settings.stores().get(0).name();
    long budget = Deadline.after(seams, settings.outageBudget());
    SQLException earlier = null;
    while (true) {
      try {
        return once(store, work);
      } catch (SQLException e) {
        if (earlier != null) {
          e.addSuppressed(earlier);
        }
        if (!"40001".equals(e.getSQLState()) || seams.nanoTime() >= budget) {
          throw e;
        }
        earlier = e;
      }
    }
  }

  private <T extends @Nullable Object> Committed<T> once(String store, TransactionWork<T> work)
      throws SQLException {
    try (PlatformConnection connection = getConnection(store)) {
      connection.setAutoCommit(false);
      T value = work.run(connection);
      connection.commit();
      Receipt receipt = connection.receipt();
      return new Committed<>(
          value,
          receipt == null
              ? new Receipt(ids.unused(), Receipt.Status.APPLIED, seams.now())
              : receipt);
    }
  }

  @Override
  public Outcome outcome(TransactionId id) {
    if (journal.book().get(id) != null) {
      return Outcome.REFUSED;
    }
    if (ids.isToCome(id)) {
      return Outcome.UNKNOWN;
    }
    if (ids.isOpen(id)) {
      return Outcome.IN_DOUBT;
    }
    Outcome known = journal.outcome(id);
    if (known != null) {
      return known;
    }
    return journal.incarnations().contains(id.incarnation()) ? askLedgers(id) : Outcome.UNKNOWN;
  }

  @Override
  public Optional<Receipt> receipt(String store, String intentKey) {
    return Optional.ofNullable(runtime(store).receiptOf(intentKey));
  }

  /**
   * The first store whose ledger has a row, those before the others that come last in units of work
   * (U2); each is asked by a write, so that it stays true. Only for ids that were no longer open
   * <em>before</em> the log was searched: those are settled, or were never acknowledged, so the
   * write harms nobody.
   */
  private Outcome askLedgers(TransactionId id) {
    boolean forgotten = false;
    List<StoreRuntime> lastFirst = new ArrayList<>(stores.values());
    lastFirst.sort(
        Comparator.comparing((StoreRuntime each) -> each.desk().store().partOrder()).reversed());
    for (StoreRuntime store : lastFirst) {
      Outcome outcome = store.askLedger(id);
      if (outcome == null) {
        return Outcome.IN_DOUBT;
      }
      if (outcome != Outcome.ABORTED && outcome != Outcome.UNKNOWN) {
        return outcome;
      }
      forgotten |= outcome == Outcome.UNKNOWN;
    }
    return forgotten ? Outcome.UNKNOWN : Outcome.ABORTED;
  }

  @Override
  public DeadLetters deadLetters() {
    return letters;
  }

  @Override
  public Health health() {
    Map<String, Health.StoreHealth> each = new LinkedHashMap<>();
    boolean up = false;
    for (Map.Entry<String, StoreRuntime> store : stores.entrySet()) {
      Health.StoreHealth health = store.getValue().health(audit.warning());
      each.put(store.getKey(), health);
      up |= health.availability() == Availability.UP;
    }
    boolean takesEntries = !closed && journal.takesEntries();
    return new Health(
        !closed && (up || takesEntries),
        takesEntries,
        each,
        sharing == null ? null : sharing.health(),
        journal.contents().requireSpool().bytes(),
        archiver == null ? null : archiver.health());
  }

  @Override
  public boolean drain(Duration timeout) throws InterruptedException {
    long deadline = Deadline.after(seams, timeout);
    long upTo = log.forced() + 1;
    boolean all = true;
    for (StoreRuntime store : stores.values()) {
      all &= store.backlog().awaitSettledBelow(upTo, deadline);
    }
    return all;
  }

  @Override
  public void adopt(String store, Adoption adoption, String by, String reason) {
    Decisions.check(by, reason);
    runtime(store)
        .adopt(
            adoption,
            () -> audit.announce(Decisions.adopted(store, adoption, by, reason, seams.now())));
  }

  @Override
  public void hold(String store, String by, String reason) {
    Decisions.check(by, reason);
    runtime(store).hold(new LogRecord.Held(store, true, by, reason, seams.now()), audit);
  }

  @Override
  public void release(String store, String by, String reason) {
    Decisions.check(by, reason);
    runtime(store).release(new LogRecord.Held(store, false, by, reason, seams.now()), audit);
  }

  @Override
  public List<AuditEntry> auditTrail() {
    return audit.list();
  }

  @Override
  public Optional<OutageAudit> outageAudit() {
    return Optional.ofNullable(findings);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (sharing != null) {
      sharing.stop();
    }
    stores.values().forEach(StoreRuntime::stop);
    long deadline = Deadline.after(seams, STOP_WAIT);
    if (sharing != null) {
      sharing.awaitStop(deadline);
    }
    stores.values().forEach(store -> store.awaitStop(deadline));
    stopArchiving(deadline);
    stopTelling(deadline);
    log.close();
    if (report != null) {
      report.close();
    }
    LOG.info("{}: closed", settings.name());
  }

  /** What it has begun is begun anew at the next open. */
  private void stopArchiving(long deadline) {
    ArchiveStorage archive = settings.archive();
    if (archiver == null || archiving == null || archive == null) {
      return;
    }
    archiver.stop();
    archiving.interrupt();
    archive.close();
    try {
      if (!archiving.join(deadline)) {
        LOG.warn("{}: the archive's storage does not return", settings.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopTelling(long deadline) {
    listeners.stop();
    try {
      if (teller != null && !teller.join(deadline)) {
        LOG.warn("{}: a listener does not return", settings.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "DataPlatform[name=" + settings.name() + ", stores=" + stores.keySet() + "]";
  }

  private StoreRuntime runtime(String store) {
    StoreRuntime runtime = stores.get(store);
    if (runtime == null) {
      throw new IllegalArgumentException(
          "platform %s has no store %s; it has %s"
              .formatted(settings.name(), store, stores.keySet()));
    }
    return runtime;
  }
}
