package io.rananeeti;

import io.rananeeti.internal.Platform;
import io.rananeeti.internal.Settings;
import io.rananeeti.internal.archive.ArchiveLocation;
import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.LogStorage;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.store.Store;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The one thing that an application talks to: keeps it working when its database is gone.
 *
 * <p>While a writer can be reached, transactions go straight to the store. While none can, a commit
 * returns once the transaction is forced to a local log, and it is applied later, exactly once and
 * in the order of acceptance. Thread-safe; one instance a process and log directory.
 */
public interface DataPlatform extends AutoCloseable {

  /**
   * Starts to describe a platform.
   *
   * @param name names the log's directory, threads and log lines: letters, digits, {@code -} and
   *     {@code _}, up to 32
   */
  static Builder builder(String name) {
    return new Builder(name);
  }

  /** Its name. */
  String name();

  /**
   * A connection to the store. Costs nothing: a physical connection is bound at the first statement
   * of a transaction.
   *
   * @throws SQLException if the platform is closed (08003)
   * @throws IllegalArgumentException if there is no such store
   */
  PlatformConnection getConnection(String store) throws SQLException;

  /**
   * A drop-in {@link DataSource}, and the pool: {@link #getConnection} behind the usual interface.
   *
   * @throws IllegalArgumentException if there is no such store
   */
  DataSource dataSource(String store);

  /**
   * Runs work in one transaction of the only store, or of the one that was named first, and commits
   * it; runs it again as a whole when a failover interrupts it (40001).
   *
   * @throws SQLException what the work threw, or the last 40001 once the outage budget is over
   */
  <T extends @Nullable Object> Committed<T> inTransaction(TransactionWork<T> work)
      throws SQLException;

  /**
   * What became of a transaction of this log. Asks the log, then, for one that is in doubt or
   * forgotten by the log, the store's ledger; {@link Outcome#IN_DOUBT} while no writer can be
   * reached to settle it.
   */
  Outcome outcome(TransactionId id);

  /**
   * What {@code commit()} would answer under this intent key (client info {@code
   * rananeeti.intent-key}): the receipt of the transaction that has it, so that a request that
   * comes again need not be worked on again. While the store can't be asked, what only other nodes
   * know is missing; a transaction with that key has one effect all the same.
   *
   * @return empty if no transaction has it, its time is over, or nobody can be asked
   * @throws IllegalArgumentException if there is no such store
   */
  Optional<Receipt> receipt(String store, String intentKey);

  /** The acknowledged transactions that a store refused. */
  DeadLetters deadLetters();

  /** How the platform is now. Never waits for a store. */
  Health health();

  /**
   * Waits until all that was accepted before the call is applied or a dead letter.
   *
   * @return false if something still waits when the time is over
   */
  boolean drain(Duration timeout) throws InterruptedException;

  /**
   * Decides what a store's alarm "another history" asks: a rebuilt or restored database does not
   * know this log, and the platform does not guess what to do with what waits.
   *
   * @param by who decides that
   * @param reason why
   * @throws IllegalStateException if there is nothing to decide
   */
  void adopt(String store, Adoption adoption, String by, String reason);

  /**
   * Keeps the platform away from a store, for maintenance or a drill, until it is {@link #release
   * released}, also through restarts: waits for the COMMITs under way, then closes all connections.
   * The application meets what it meets in an outage, so writes are accepted and applied after the
   * release; nobody is alarmed. Does nothing where the same person holds it for the same reason.
   *
   * @param by who wants that
   * @param reason why; both are shown in {@link #health}
   * @throws IllegalStateException if somebody holds it already
   * @throws IllegalArgumentException if there is no such store, or nobody or nothing is named
   */
  void hold(String store, String by, String reason);

  /**
   * Ends a hold. The store is up again once its writer is found and what waits is applied.
   *
   * @throws IllegalStateException if nobody holds it
   * @throws IllegalArgumentException if there is no such store, or nobody or nothing is named
   */
  void release(String store, String by, String reason);

  /**
   * What people decided: holds, releases, what they did with dead letters, and more; the latest
   * 10,000, the oldest of them first. All of it is in {@code audit.jsonl} beside the log, also when
   * the log has given back what they decided about.
   */
  List<AuditEntry> auditTrail();

  /** What could not go on in an outage, if {@link Builder#audit()} is on. */
  Optional<OutageAudit> outageAudit();

  /** Stops. What waits stays in the log and is applied after the next open. */
  @Override
  void close();

  /** Describes a platform and opens it. Not thread-safe. */
  final class Builder {

    private final String name;
    private final Map<String, Store> stores = new LinkedHashMap<>();
    private final List<PlatformListener> listeners = new ArrayList<>();
    private Path logDirectory;
    private LogStorage.@Nullable Factory logStorage;
    private Durability durability = Durability.FORCE;
    private @Nullable Long maxLogBytes;
    private @Nullable Long freeDiskFloor;
    private boolean networkLog;
    private Duration outageBudget = Duration.ofSeconds(2);
    private Duration inDoubtWait = Duration.ofSeconds(30);
    private Duration probeInterval = Duration.ofSeconds(1);
    private Deferral deferral = Deferral.ALL;
    private UpdateCounts updateCounts = UpdateCounts.PROMISE_ONE;
    private int drainWidth = 4;
    private VolatileFunctions volatileFunctions = VolatileFunctions.REFUSE;
    private Seams seams = Seams.system();
    private Settings.Audit audit = new Settings.Audit(false, null);
    private Duration intentRetention = Duration.ofHours(24);
    private @Nullable Duration retain;
    private @Nullable SharedLogStorage sharedLog;
    private @Nullable ContentStorage sharedContents;
    private SharedDurability sharedDurability = SharedDurability.BOTH_IF_REACHED;
    private Duration nodeLease = Duration.ofSeconds(5);
    private @Nullable ArchiveStorage archive;

    private Builder(String name) {
      if (!name.matches("[A-Za-z0-9_-]{1,32}")) {
        throw new IllegalArgumentException(
            "a platform's name has 1 to 32 letters, digits, - and _: " + name);
      }
      this.name = name;
      this.logDirectory = Path.of("rananeeti", name);
    }

    /**
     * Adds a store; at least one is needed. The platform opens and closes it.
     *
     * @throws IllegalArgumentException if there is one of that name already
     */
    public Builder store(Store store) {
      if (stores.putIfAbsent(store.name(), store) != null) {
        throw new IllegalArgumentException("two stores have the name " + store.name());
      }
      return this;
    }

    /**
     * The directory of the log, made if it is not there, private to the user, for one process at a
     * time. Default {@code ./rananeeti/<name>}.
     */
    public Builder log(Path directory) {
      logDirectory = directory;
      return this;
    }

    /**
     * What the log keeps its bytes on. Default: what the system property {@code
     * rananeeti.log-storage} or the environment variable {@code RANANEETI_LOG_STORAGE} says, else
     * {@link LogStorageType#CHRONICLE}. A log is read by the storage that wrote it only.
     */
    public Builder logStorage(LogStorageType type) {
      return logStorage(factory(type));
    }

    /** Puts a storage of your own under the log; it must pass the test kit's contract. */
    public Builder logStorage(LogStorage.Factory storage) {
      logStorage = storage;
      return this;
    }

    /** Which crash an accepted transaction survives. Default {@link Durability#FORCE}. */
    public Builder durability(Durability level) {
      durability = level;
      return this;
    }

    /**
     * How many bytes the log's files may take together before new transactions are refused
     * (SQLSTATE 53100). Default 16 GiB, 256 MiB to 1 PiB. What settles the waiting ones is written
     * beyond it, so the log always shrinks again.
     */
    public Builder maxLogBytes(long bytes) {
      maxLogBytes = between("maxLogBytes", bytes, 256L << 20, 1L << 50);
      return this;
    }

    /**
     * How many bytes must stay free on the log's disk; below that new transactions are refused
     * (SQLSTATE 53100). Default 5 % of the disk, at most 1 GiB; 0 to 1 PiB.
     */
    public Builder freeDiskFloor(long bytes) {
      freeDiskFloor = between("freeDiskFloor", bytes, 0, 1L << 50);
      return this;
    }

    /**
     * Whether the log may be on a network file system (NFS, SMB and the like), whose forces and
     * locks are as good as its server. Default: no, the platform does not open there.
     */
    public Builder networkLog(boolean allowed) {
      networkLog = allowed;
      return this;
    }

    /**
     * How long the first callers of an outage may wait before the store counts as down. Default 2
     * s, 100 ms to 1 min.
     */
    public Builder outageBudget(Duration budget) {
      outageBudget = between("outageBudget", budget, Duration.ofMillis(100), Duration.ofMinutes(1));
      return this;
    }

    /**
     * How long a commit in doubt that may not be deferred waits to be settled before it fails with
     * 08007. Default 30 s, 0 to 10 min.
     */
    public Builder inDoubtWait(Duration wait) {
      inDoubtWait = between("inDoubtWait", wait, Duration.ZERO, Duration.ofMinutes(10));
      return this;
    }

    /** How often the writer is looked at, give or take a fifth. Default 1 s, 50 ms to 1 min. */
    public Builder probeInterval(Duration interval) {
      probeInterval =
          between("probeInterval", interval, Duration.ofMillis(50), Duration.ofMinutes(1));
      return this;
    }

    /** Which transactions may be accepted into the log. Default {@link Deferral#ALL}. */
    public Builder deferral(Deferral which) {
      deferral = which;
      return this;
    }

    /** What a detached update answers. Default {@link UpdateCounts#PROMISE_ONE}. */
    public Builder updateCounts(UpdateCounts answer) {
      updateCounts = answer;
      return this;
    }

    /**
     * How long an intent key is kept, from the commit of its transaction in the store on: a
     * transaction with the same key has no effect of its own as long. Default 24 h, 1 min to 90 d.
     */
    public Builder intentRetention(Duration retention) {
      intentRetention =
          between("intentRetention", retention, Duration.ofMinutes(1), Duration.ofDays(90));
      return this;
    }

    /**
     * Keeps every transaction in the log until all other regions are known to have it, and this
     * long at the most (G6): a writer that lacks what was acknowledged gets it again, in order,
     * before anything new. Default: none is kept. 1 min to 30 d, longer than the longest outage
     * that a failover to another region may take; the space is that of the transactions committed
     * meanwhile. Health says how many were given up before they were known to be elsewhere.
     */
    public Builder retain(Duration longest) {
      retain = between("retain", longest, Duration.ofMinutes(1), Duration.ofDays(30));
      return this;
    }

    /**
     * Shares the log with other nodes: platforms of the same name over the same storage and the
     * same stores, each with a log directory of its own. What a node has accepted is copied there;
     * when a node is gone, another one applies what it has left; and what one node has accepted is
     * not overtaken by what another one commits later, by ordering key. Default: the log is this
     * node's alone. The platform closes the storage.
     */
    public Builder sharedLog(SharedLogStorage storage) {
      sharedLog = storage;
      return this;
    }

    /**
     * Where the nodes of a shared log keep what is too large for an entry: values and streams of
     * any size, and objects, which then may wait in the log as on a node that is alone. The same
     * place for all nodes. Default: there is none, and what does not fit into an entry (16 MiB) is
     * refused while the store is away. The platform closes the storage.
     *
     * <p>It is there before its entry is copied. While it can't be put there the copy waits, and
     * what is accepted is in this node's log, as where the shared log can't be reached.
     */
    public Builder sharedContents(ContentStorage storage) {
      sharedContents = storage;
      return this;
    }

    /**
     * Where an accepted transaction has to be before {@code commit()} returns, where the log is
     * shared. Default {@link SharedDurability#BOTH_IF_REACHED}.
     */
    public Builder sharedDurability(SharedDurability where) {
      sharedDurability = where;
      return this;
    }

    /**
     * How long a node of a shared log may be silent before others take it for dead, and apply what
     * it has left. Default 5 s, 1 s to 5 min; the same for all nodes. A wrong guess costs that node
     * a new number.
     */
    public Builder nodeLease(Duration lease) {
      nodeLease = between("nodeLease", lease, Duration.ofSeconds(1), Duration.ofMinutes(5));
      return this;
    }

    /**
     * Archives what is settled before the log gives it back: every entry, with its parameters, in a
     * form that any CBOR tool reads. Default: there is no archive. The platform closes the storage.
     *
     * <p>No commit waits for it. While it can't be written the log keeps what is settled, within
     * its limits; what an application commits then goes before that. Health says how far it is.
     */
    public Builder archive(ArchiveStorage storage) {
      archive = storage;
      return this;
    }

    /**
     * The same.
     *
     * @param location a directory, made if it is not there, or a URL for which there is an {@link
     *     io.rananeeti.log.ArchiveProvider}
     * @throws IllegalArgumentException if it is neither
     */
    public Builder archive(String location) {
      return archive(ArchiveLocation.open(location));
    }

    /** How many ordering keys are applied side by side. Default 4, 1 to 64. */
    public Builder drainWidth(int width) {
      if (width < 1 || width > 64) {
        throw new IllegalArgumentException("drainWidth is 1 to 64: " + width);
      }
      drainWidth = width;
      return this;
    }

    /**
     * What a detached write may do that calls functions such as {@code now()}. Default {@link
     * VolatileFunctions#REFUSE}.
     */
    public Builder volatileFunctions(VolatileFunctions which) {
      volatileFunctions = which;
      return this;
    }

    /**
     * Notes what the application does that could not go on in an outage, while all is well: for its
     * tests. {@link DataPlatform#outageAudit()} has it. Default: off, and costs nothing.
     */
    public Builder audit() {
      audit = new Settings.Audit(true, null);
      return this;
    }

    /**
     * The same, and writes it as {@code <path>.txt} and {@code <path>.json}, or into that directory
     * if it is one, when the platform is closed or else when the JVM ends.
     */
    public Builder audit(Path path) {
      audit = new Settings.Audit(true, path);
      return this;
    }

    /** Adds a listener. */
    public Builder listener(PlatformListener listener) {
      listeners.add(listener);
      return this;
    }

    /** Puts other clocks, threads and chance in place of the machine's; for the test kit. */
    public Builder seams(Seams replacement) {
      seams = replacement;
      return this;
    }

    /**
     * Opens the log and starts; does not wait for any store.
     *
     * <p>A log whose entries can't all be read any more refuses to start and names the missing
     * ones. The system property {@code rananeeti.accept-log-loss} or the environment variable
     * {@code RANANEETI_ACCEPT_LOG_LOSS}, set to just these, lets it go on without them.
     *
     * @throws IllegalStateException if no store was named, or a place for contents without a shared
     *     log
     * @throws io.rananeeti.error.LogFailedException if the log can't be opened, with what to do
     * @throws io.rananeeti.error.LogFullException if its disk has no space for the first entry of
     *     this start, also while the stores are up
     */
    public DataPlatform open() {
      if (stores.isEmpty()) {
        throw new IllegalStateException(
            "platform " + name + " has no store: call store(...) first");
      }
      if (sharedContents != null && sharedLog == null) {
        throw new IllegalStateException(
            "platform %s has sharedContents(...) and no log that is shared: call sharedLog(...) too"
                .formatted(name));
      }
      return Platform.open(
          new Settings(
              name,
              List.copyOf(stores.values()),
              List.copyOf(listeners),
              logDirectory,
              logStorage == null ? factory(chosenType()) : logStorage,
              new Settings.LogSize(maxLogBytes, freeDiskFloor),
              durability,
              networkLog,
              override("accept-log-loss"),
              outageBudget,
              inDoubtWait,
              probeInterval,
              deferral,
              updateCounts,
              drainWidth,
              seams,
              volatileFunctions,
              audit,
              intentRetention,
              retain,
              sharedLog == null
                  ? null
                  : new Settings.Shared(sharedLog, sharedDurability, nodeLease, sharedContents),
              archive));
    }

    private static LogStorage.Factory factory(LogStorageType type) {
      return switch (type) {
        case CHRONICLE -> ChronicleStorage::open;
        case FILE -> FileStorage::open;
      };
    }

    private static LogStorageType chosenType() {
      String chosen = override("log-storage");
      if (chosen == null) {
        return LogStorageType.CHRONICLE;
      }
      for (LogStorageType type : LogStorageType.values()) {
        if (type.name().equalsIgnoreCase(chosen.strip())) {
          return type;
        }
      }
      throw new IllegalArgumentException(
          "rananeeti.log-storage is %s: %s"
              .formatted(Arrays.toString(LogStorageType.values()), chosen));
    }

    /** What an operator says without touching the code, null if nothing. */
    private static @Nullable String override(String setting) {
      String property = System.getProperty("rananeeti." + setting);
      return property == null
          ? System.getenv("RANANEETI_" + setting.toUpperCase(Locale.ROOT).replace('-', '_'))
          : property;
    }

    private static long between(String what, long value, long least, long most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "%s is %d to %d: %d".formatted(what, least, most, value));
      }
      return value;
    }

    private static Duration between(String what, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            "%s is %s to %s: %s".formatted(what, least, most, value));
      }
      return value;
    }
  }
}
