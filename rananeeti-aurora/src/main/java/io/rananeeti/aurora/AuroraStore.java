package io.rananeeti.aurora;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Answered;
import io.rananeeti.store.Context;
import io.rananeeti.store.Coverage;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.ParameterCodec;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on Aurora PostgreSQL or any PostgreSQL from 13 on, and the ledger in its schema {@code
 * rananeeti}. Thread-safe. The platform opens and closes it.
 *
 * <p>The ledger is made at the first contact where the role may create a schema; else the platform
 * says with an alarm which DDL to run. The role must be the one that the application works as, or
 * may become by {@code SET ROLE}.
 */
public final class AuroraStore implements Store {

  private static final Logger LOG = LoggerFactory.getLogger(AuroraStore.class);

  /** How long settling may wait for a connection before the database counts as out of reach. */
  private static final Duration BORROWING = Duration.ofSeconds(2);

  private static final int MAX_APPLICATION_NAME = 63;

  /** As PostgreSQL reads a switch. */
  private static final Set<String> OFF = Set.of("off", "false", "no", "0");

  /** Deleted rows that are worth a vacuum: about half a megabyte. */
  private static final int MANY_ROWS = 5_000;

  private final String name;
  private final Endpoint endpoint;
  private final int poolSize;
  private final Duration ledgerExpiry;
  private final boolean asyncCommit;
  private final Sessions sessions = new Sessions();
  private final SecureRandom random = new SecureRandom();
  private final AtomicInteger notVacuumed = new AtomicInteger();
  private volatile boolean committedAsynchronously;
  private volatile @Nullable Opened opened;

  private AuroraStore(Builder builder, Endpoint endpoint) {
    this.name = builder.name;
    this.endpoint = endpoint;
    this.poolSize = builder.poolSize;
    this.ledgerExpiry = builder.ledgerExpiry;
    this.asyncCommit = builder.asyncCommit;
  }

  /**
   * Starts to describe a store.
   *
   * @param name by which the application asks for it: letters, digits, {@code -} and {@code _}, up
   *     to 32
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void open(StoreHost host) {
    String applicationName = applicationName(host);
    PhysicalConnections physical =
        new PhysicalConnections(endpoint, applicationName, sessions, host);
    Zombies zombies = new Zombies(endpoint, applicationName, sessions);
    opened =
        new Opened(
            host,
            applicationName,
            physical,
            new Pool(name, poolSize, physical, sessions, host),
            new Probe(endpoint, applicationName, sessions, zombies, host),
            zombies,
            new AuroraSequences(this::lend, host.incarnation()));
  }

  /** Tells the sessions of this log and store from all others; cut to what the server keeps. */
  private String applicationName(StoreHost host) {
    String given =
        Objects.requireNonNullElse(endpoint.property(PGProperty.APPLICATION_NAME), host.platform());
    String suffix = "/%s/%s".formatted(name, host.logId().toString().substring(0, 8));
    int room = MAX_APPLICATION_NAME - suffix.length();
    return (given.length() > room ? given.substring(0, room) : given) + suffix;
  }

  private Opened opened() {
    Opened now = opened;
    if (now == null) {
      throw new IllegalStateException("store " + name + " is not open");
    }
    return now;
  }

  @Override
  public Writer probe(Duration timeout) throws StoreException {
    return opened().probe.probe(timeout);
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) throws StoreException {
    withConnection(
        "register", connection -> new Registration(connection, opened().host).run(known, adopt));
  }

  @Override
  public Connection connect(Duration timeout) throws SQLException {
    return opened().pool.connect(timeout);
  }

  @Override
  public void enter(Connection connection, Map<String, String> settings) throws SQLException {
    if (!settings.isEmpty()) {
      ContextSettings.set(connection, settings, false);
    }
  }

  @Override
  public Context complete(Context made) {
    return opened().physical.defaults().complete(made);
  }

  @Override
  public boolean restore(Connection connection, Set<String> names) throws SQLException {
    return ContextSettings.reset(connection, names, opened().applicationName);
  }

  @Override
  public void execute(Connection connection, List<Operation> operations) throws StoreException {
    try {
      runner(connection).run(operations);
    } catch (SQLException e) {
      throw Wording.exception("replay", Classifier.classify(e), e);
    }
  }

  @Override
  public Answered answered(ResultSet answer, int mostRows, int mostBytes) throws SQLException {
    return Answers.kept(answer, mostRows, mostBytes);
  }

  @Override
  public ParameterCodec parameterCodec() {
    return DriverTypes.INSTANCE;
  }

  private OperationRunner runner(Connection connection) {
    return new OperationRunner(
        connection, !endpoint.rewritesBatches(), () -> opened().host.spool());
  }

  @Override
  public void evict(Connection connection) {
    opened().pool.evict(connection);
  }

  @Override
  public boolean commit(
      Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException {
    try {
      Session session = sessions.of(connection);
      return intent == null
          ? session.commit(id, unproven)
          : session.commit(id, unproven, intent, opened().host.intentRetention());
    } catch (SQLException e) {
      clean(connection, e);
      throw e;
    }
  }

  /** Leaves the connection without a transaction, or out of the pool. */
  private void clean(Connection connection, SQLException failure) {
    if (Classifier.breaks(failure)) {
      evict(connection);
      return;
    }
    try {
      connection.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
      evict(connection);
    }
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return Classifier.settledOtherwise(failure);
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    return Classifier.intentTaken(failure);
  }

  @Override
  public LedgerTransaction begin(Isolation isolation) throws StoreException {
    Opened now = opened();
    Connection connection = borrow("begin");
    Session session = sessions.find(connection);
    return new AuroraLedgerTransaction(
        connection,
        isolation,
        runner(connection),
        new ContextSettings(connection, session == null ? null : session.defaults()),
        now.zombies,
        new AuroraLedgerTransaction.Own(nonce(), now.host.intentRetention()));
  }

  @Override
  public boolean canRetain() {
    return true;
  }

  @Override
  public TailCheck inspect() throws StoreException {
    try {
      return opened().physical.inspect();
    } catch (SQLException e) {
      throw Wording.exception("inspect", Classifier.classifyOwn(e), e);
    }
  }

  @Override
  public Coverage coverage() throws StoreException {
    AtomicReference<@Nullable Coverage> found = new AtomicReference<>();
    withConnection("coverage", connection -> found.set(RegionCoverage.ask(connection)));
    return Objects.requireNonNull(found.get());
  }

  /** Zero is the mark of a row that its own transaction wrote. */
  private long nonce() {
    long drawn = random.nextLong();
    return drawn == 0 ? 1 : drawn;
  }

  @Override
  public Failure classify(SQLException failure) {
    return Classifier.classify(failure);
  }

  @Override
  public void sever() {
    sessions.sever();
    opened().pool.renew();
  }

  @Override
  public void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws StoreException {
    withConnection(
        "prune",
        connection -> {
          Pruning pruning = new Pruning(connection, opened().zombies);
          int deleted = pruning.prune(incarnation, settledBelow, kept);
          pruning.expire(incarnation, ledgerExpiry);
          if (notVacuumed.addAndGet(deleted) >= MANY_ROWS) {
            notVacuumed.set(0);
            vacuum(pruning);
          }
        });
  }

  /** Who logs in, and where the URL lets it look. */
  @Override
  public String naming() {
    SessionDefaults expected = SessionDefaults.expected(endpoint);
    Map<String, String> settings = expected.settings();
    return "user=%s search_path=%s role=%s"
        .formatted(expected.user(), settings.get("search_path"), settings.get("role"));
  }

  @Override
  public void expireIntents(Set<String> living) throws StoreException {
    Duration retention = opened().host.intentRetention();
    withConnection(
        "expire intent keys",
        connection -> new Pruning(connection, opened().zombies).expireIntents(living, retention));
  }

  @Override
  public Sequences sequences() {
    return opened().sequences;
  }

  private void lend(String step, AuroraSequences.Work work) throws StoreException {
    withConnection(step, work::on);
  }

  @Override
  public void committedWith(Map<String, String> settings) {
    String setting = settings.get("synchronous_commit");
    if (setting != null && OFF.contains(setting.toLowerCase(Locale.ROOT))) {
      committedAsynchronously = true;
    }
  }

  @Override
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    Opened now = opened;
    WriterProof proof = now == null ? null : now.physical.lastProof();
    boolean asynchronous =
        committedAsynchronously || (proof != null && proof.commitsWithoutWaiting());
    if (asynchronous && !asyncCommit) {
      warnings.add(
          "store %s: synchronous_commit=off, so a commit answered as applied may be lost with the server (asyncCommit(true) if that is meant)"
              .formatted(name));
    }
    if (!sessions.knowsPids()) {
      warnings.add(
          "store %s: behind a pooler, so sessions that a broken connection leaves behind are not ended and may hold locks"
              .formatted(name));
    }
    return List.copyOf(warnings);
  }

  /** Whoever can't do it in time leaves it to the server's own. */
  private void vacuum(Pruning pruning) throws SQLException {
    try {
      pruning.vacuum();
    } catch (SQLException e) {
      if (Classifier.breaks(e)) {
        throw e;
      }
      LOG.info("store {}: the ledger could not be vacuumed: {}", name, Wording.describe(e));
    }
  }

  private Connection borrow(String step) throws StoreException {
    try {
      return connect(BORROWING);
    } catch (SQLException e) {
      throw Wording.exception(step, Classifier.classifyOwn(e), e);
    }
  }

  private void withConnection(String step, Work work) throws StoreException {
    Connection connection = borrow(step);
    try (connection) {
      run(work, connection);
    } catch (SQLException e) {
      throw Wording.exception(step, Classifier.classifyOwn(e), e);
    }
  }

  private void run(Work work, Connection connection) throws SQLException, StoreException {
    try {
      work.on(connection);
    } catch (SQLException e) {
      if (Classifier.isReadOnly(e)) {
        evict(connection);
      }
      throw e;
    }
  }

  @Override
  public void close() {
    Opened now = opened;
    if (now != null) {
      now.pool.close();
      now.probe.close();
      endpoint.close();
    }
  }

  /** Shows neither user nor password. */
  @Override
  public String toString() {
    return "AuroraStore[name=" + name + ", url=" + endpoint + "]";
  }

  /** What there is once it is open. */
  private record Opened(
      StoreHost host,
      String applicationName,
      PhysicalConnections physical,
      Pool pool,
      Probe probe,
      Zombies zombies,
      Sequences sequences) {}

  /** What is done on a connection of the pool. */
  @FunctionalInterface
  private interface Work {
    void on(Connection connection) throws SQLException, StoreException;
  }

  /** Describes a store. Not thread-safe. */
  public static final class Builder {

    private final String name;
    private @Nullable String url;
    private @Nullable String user;
    private @Nullable String password;
    private Properties properties = new Properties();
    private int poolSize = 10;
    private Duration ledgerExpiry = Duration.ofDays(90);
    private boolean asyncCommit;
    private Authentication authentication = Authentication.PASSWORD;
    private @Nullable String secret;
    private List<String> hostPatterns = List.of();
    private boolean blueGreen;

    private Builder(String name) {
      if (!name.matches("[A-Za-z0-9_-]{1,32}")) {
        throw new IllegalArgumentException(
            "a store's name has 1 to 32 letters, digits, - and _: " + name);
      }
      this.name = name;
    }

    /**
     * Where the database is: {@code jdbc:postgresql://host:port/database}, with any of the driver's
     * properties; several hosts are tried for the writer. Hosts of Amazon RDS are spoken to with
     * {@code sslmode=verify-full} unless it says otherwise. {@code socketTimeout} is not needed:
     * the platform ends calls that hang.
     *
     * <p>The endpoint of an Aurora cluster or Global Database is followed to its writer by the AWS
     * JDBC wrapper, whose properties may stand in the URL too. {@code
     * jdbc:aws-wrapper:postgresql://...} asks for the wrapper with a host of another name.
     */
    public Builder url(String url) {
      this.url = url;
      return this;
    }

    /** The role to log in as; may stand in the URL instead. */
    public Builder user(String user) {
      this.user = user;
      return this;
    }

    /** Its password; may stand in the URL, or in {@code ~/.pgpass}, instead. */
    public Builder password(String password) {
      this.password = password;
      return this;
    }

    /** The driver's properties that do not stand in the URL. */
    Builder properties(Properties beside) {
      this.properties = beside;
      return this;
    }

    /**
     * The most physical connections at a time, besides one for the probe. Default 10, 1 to 1000; at
     * least one more than the platform's {@code drainWidth} keeps applications from waiting for a
     * drain.
     */
    public Builder poolSize(int size) {
      if (size < 1 || size > 1_000) {
        throw new IllegalArgumentException("poolSize is 1 to 1000: " + size);
      }
      poolSize = size;
      return this;
    }

    /**
     * After how long the ledger's rows of a log that was not seen again may be deleted by any node.
     * A log that is older than that refuses to drain. Default 90 days, at least 1 day.
     */
    public Builder ledgerExpiry(Duration expiry) {
      if (expiry.compareTo(Duration.ofDays(1)) < 0) {
        throw new IllegalArgumentException("ledgerExpiry is at least 1 day: " + expiry);
      }
      ledgerExpiry = expiry;
      return this;
    }

    /**
     * Whether it is meant that transactions commit with {@code synchronous_commit=off}, and what
     * was answered as applied may be lost with the server. Default: no, the platform's health warns
     * of it. What the platform settles and applies by itself always waits for the disk.
     */
    public Builder asyncCommit(boolean meant) {
      asyncCommit = meant;
      return this;
    }

    /** By what the store proves who it is. Default {@link Authentication#PASSWORD}. */
    public Builder authentication(Authentication authentication) {
      this.authentication = authentication;
      return this;
    }

    /**
     * Name or ARN of the secret with user and password, for {@link Authentication#SECRETS_MANAGER}.
     * A name is looked up in the region of the URL's host.
     */
    public Builder secret(String nameOrArn) {
      this.secret = nameOrArn;
      return this;
    }

    /**
     * Where the instances of an Aurora Global Database are, one pattern for each region: the
     * endpoint of any instance there with {@code ?} in the place of its name, as in {@code
     * ?.xyz.eu-west-1.rds.amazonaws.com}. Needed there, of no use elsewhere.
     *
     * @throws IllegalArgumentException if one is written otherwise
     */
    public Builder hostPatterns(String... patterns) {
      hostPatterns = Arrays.stream(patterns).map(HostPattern::checked).toList();
      return this;
    }

    /**
     * Whether to watch for a blue/green switch-over, so that new connections lead to the new
     * database whatever DNS says. It costs two connections and some threads; of no use with a
     * Global Database, which Amazon does not switch that way. Default: no.
     */
    public Builder blueGreen(boolean watch) {
      blueGreen = watch;
      return this;
    }

    /**
     * The store, not yet connected to anything.
     *
     * @throws IllegalStateException if no URL was given, or an artifact that the authentication
     *     needs is missing
     * @throws IllegalArgumentException if the URL is none of PostgreSQL, or the settings do not go
     *     together
     */
    public AuroraStore build() {
      if (url == null) {
        throw new IllegalStateException("store " + name + " has no URL: call url(...) first");
      }
      Access access = new Access(authentication, secret, hostPatterns, blueGreen);
      access.check();
      return new AuroraStore(this, Endpoint.of(url, properties, user, password, access));
    }
  }
}
