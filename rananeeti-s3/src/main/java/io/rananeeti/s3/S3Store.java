package io.rananeeti.s3;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.Access;
import io.rananeeti.aws.internal.Checked;
import io.rananeeti.aws.internal.Generation;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.ParameterCodec;
import io.rananeeti.store.PartOrder;
import io.rananeeti.store.StatementReader;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.regions.Region;

/**
 * The store on S3: one bucket, with the ledger under a prefix of it. Thread-safe. The platform
 * opens and closes it.
 *
 * <p>A transaction is {@linkplain io.rananeeti.PlatformConnection#enlist enlisted} operations:
 * either any number of {@link PutObject#addressed}, or a single {@link PutObject}, {@link
 * DeleteObject} or {@link CopyObject} with a condition. They wait in memory, large content in the
 * spool, until the commit. Reads are {@link #reads()}.
 */
public final class S3Store implements Store {

  static final Logger LOG = LoggerFactory.getLogger(S3Store.class);

  static final String NO_INTENTS =
      "the store on S3 keeps no intent keys: a put of content under its own name may be repeated, and any other operation has a condition";

  private final Settings settings;
  private volatile @Nullable Opened opened;

  /** What was built. */
  record Settings(
      String name,
      String bucket,
      @Nullable Region region,
      @Nullable URI endpoint,
      @Nullable AwsCredentialsProvider credentials,
      String prefix,
      Duration callTimeout,
      Duration ledgerExpiry,
      Clock clock,
      Timing timing) {

    Access access() {
      return new Access(region, endpoint, credentials, callTimeout);
    }

    Duration fence() {
      return timing.fence();
    }

    Duration lull() {
      return timing.lull();
    }
  }

  /**
   * What only tests change.
   *
   * @param fence how long the one request of a conditional operation is good
   * @param lull how long after that S3 may still wait for the rest of its body: it ends connections
   *     that are silent for about 20 s
   * @param kept how long a row of the ledger stays in any case
   * @param partSize of uploads in parts
   */
  record Timing(Duration fence, Duration lull, Duration kept, int partSize) {

    static final Timing USUAL =
        new Timing(Duration.ofSeconds(15), Duration.ofSeconds(30), Pruning.AT_LEAST, 16 << 20);
  }

  private S3Store(Settings settings) {
    this.settings = settings;
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
    return settings.name();
  }

  /** Reads of objects. */
  public S3Reads reads() {
    return new S3Reads(this::opened);
  }

  @Override
  public void open(StoreHost host) {
    opened = new Opened(settings, host, Clients.open(settings));
  }

  private Opened opened() {
    Opened now = opened;
    if (now == null) {
      throw new IllegalStateException("store " + settings.name() + " is not open");
    }
    return now;
  }

  /**
   * Writes an object of its own over what it wrote before. If that is gone, the bucket is another
   * one than before: another writer.
   */
  @Override
  public Writer probe(Duration timeout) throws StoreException {
    Opened now = opened();
    try {
      if (!now.logs().probe(Bucket.within(timeout))) {
        now.generation().unregistered();
      }
    } catch (SQLException e) {
      throw Failures.own(e);
    }
    return new Writer(now.url() + "#" + now.generation().number());
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) throws StoreException {
    try {
      opened().logs().register(known, adopt);
    } catch (SQLException e) {
      throw Failures.own(e);
    }
    opened().generation().registered();
  }

  @Override
  public Connection connect(Duration timeout) {
    return S3Connection.open(opened());
  }

  /** There are none; the name of the application is of no use, and does no harm. */
  @Override
  public void enter(Connection connection, Map<String, String> made) throws SQLException {
    S3Connection.of(connection).enter(made);
  }

  @Override
  public boolean restore(Connection connection, Set<String> names) {
    return true;
  }

  @Override
  public void execute(Connection connection, List<Operation> operations) throws StoreException {
    try {
      S3Connection own = S3Connection.of(connection);
      for (Action action : ActionText.actions(operations)) {
        own.write(action);
      }
    } catch (SQLException e) {
      throw Failures.store(e);
    }
  }

  @Override
  public StatementReader reader() {
    return S3Texts.INSTANCE;
  }

  @Override
  public PartOrder partOrder() {
    return PartOrder.OBJECTS;
  }

  @Override
  public @Nullable String refusalOfPart(List<Operation> part) {
    return S3Texts.INSTANCE.refusalBeside(part);
  }

  @Override
  public ParameterCodec parameterCodec() {
    return S3Types.INSTANCE;
  }

  @Override
  public @Nullable String whyNoIntents() {
    return NO_INTENTS;
  }

  @Override
  public void evict(Connection connection) {
    S3Connection.of(connection).end();
  }

  @Override
  public boolean commit(
      Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException {
    if (intent != null) {
      throw new SQLFeatureNotSupportedException(NO_INTENTS, "0A000");
    }
    return S3Connection.of(connection).commit(id);
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return Failures.SETTLED_OTHERWISE.equals(failure.getSQLState());
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    return false;
  }

  /** S3 has no transactions. */
  @Override
  public int mostTogether() {
    return 1;
  }

  @Override
  public LedgerTransaction begin(Isolation isolation) {
    return new S3LedgerTransaction(opened());
  }

  @Override
  public Failure classify(SQLException failure) {
    return Failures.classify(failure);
  }

  @Override
  public void sever() {
    opened().bucket().sever();
  }

  @Override
  public void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws StoreException {
    Opened now = opened();
    try {
      now.pruning().prune(incarnation, settledBelow, kept);
      now.pruning().forgetUnseen(settings.ledgerExpiry());
    } catch (SQLException e) {
      throw Failures.own(e);
    }
  }

  @Override
  public void expireIntents(Set<String> living) {}

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public void close() {
    Opened now = opened;
    if (now != null) {
      now.bucket().close();
    }
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    return "S3Store[name=%s, bucket=%s, prefix=%s]"
        .formatted(settings.name(), settings.bucket(), settings.prefix());
  }

  /** What there is once it is open. Thread-safe. */
  static final class Opened {

    private final Settings settings;
    private final StoreHost host;
    private final Bucket bucket;
    private final Ledger ledger;
    private final Logs logs;
    private final Work work;
    private final Pruning pruning;
    private final Generation generation = new Generation();

    Opened(Settings settings, StoreHost host, Bucket bucket) {
      this.settings = settings;
      this.host = host;
      this.bucket = bucket;
      this.ledger = new Ledger(bucket, settings.prefix());
      this.logs = new Logs(this, bucket, settings.prefix());
      this.work =
          new Work(
              bucket,
              ledger,
              new Uploads(
                  bucket, content -> host.spool().read(content), settings.timing().partSize()));
      this.pruning = new Pruning(this, settings.timing().kept());
    }

    String name() {
      return settings.name();
    }

    Settings settings() {
      return settings;
    }

    Clock clock() {
      return settings.clock();
    }

    StoreHost host() {
      return host;
    }

    Bucket bucket() {
      return bucket;
    }

    Ledger ledger() {
      return ledger;
    }

    Logs logs() {
      return logs;
    }

    Work work() {
      return work;
    }

    Pruning pruning() {
      return pruning;
    }

    /** Where it is, for people. */
    String url() {
      return "s3:" + settings.access().where() + "/" + settings.bucket();
    }

    Generation generation() {
      return generation;
    }
  }

  /** A name that can't be resolved now is taken for another machine's. */
  static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Describes a store. Not thread-safe. */
  public static final class Builder {

    private final String name;
    private @Nullable String bucket;
    private @Nullable Region region;
    private @Nullable URI endpoint;
    private boolean plaintext;
    private @Nullable AwsCredentialsProvider credentials;
    private String prefix = "rananeeti";
    private Duration callTimeout = Duration.ofSeconds(2);
    private Duration ledgerExpiry = Duration.ofDays(90);
    private Clock clock = Clock.systemUTC();
    private Timing timing = Timing.USUAL;

    private Builder(String name) {
      this.name = Checked.name(name);
    }

    /** The bucket, which has to be there. Necessary. */
    public Builder bucket(String bucket) {
      if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
        throw new IllegalArgumentException(
            "a bucket's name has 3 to 63 lower case letters, digits, - and .: " + bucket);
      }
      this.bucket = bucket;
      return this;
    }

    /** The AWS region, as in {@code eu-west-1}. Default: what the SDK finds. */
    public Builder region(String region) {
      this.region = Region.of(region);
      return this;
    }

    /**
     * Where S3 is, if not at the region's own endpoint: a VPC's, or another server that speaks S3;
     * the bucket is then named in the path. With {@code http} only on this machine.
     */
    public Builder endpoint(URI endpoint) {
      this.endpoint = endpoint;
      return this;
    }

    /** Whether an endpoint on another machine may be reached without TLS. Default: no. */
    public Builder plaintext(boolean allowed) {
      plaintext = allowed;
      return this;
    }

    /** By what the store proves who it is. Default: the SDK's default provider chain. */
    public Builder credentials(AwsCredentialsProvider provider) {
      this.credentials = provider;
      return this;
    }

    /**
     * Under which the bucket has the ledger: letters, digits, {@code _}, {@code -}, {@code .} and
     * {@code /}, without one at an end. Platforms may share one. Default {@code rananeeti}.
     */
    public Builder ledgerPrefix(String prefix) {
      if (!prefix.matches("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")) {
        throw new IllegalArgumentException(
            "ledgerPrefix has letters, digits, _, -, . and / between them: " + prefix);
      }
      this.prefix = prefix;
      return this;
    }

    /**
     * How long one call may take, with the one repetition that the SDK is allowed; of content, a
     * second more for each MB. Default 2 s, 100 ms to 1 min.
     */
    public Builder callTimeout(Duration timeout) {
      callTimeout = Checked.callTimeout(timeout);
      return this;
    }

    /**
     * After how long the ledger's objects of a log that was not seen again may be forgotten by any
     * node. A log that is older than that refuses to drain. Default 90 days, at least 1 day.
     */
    public Builder ledgerExpiry(Duration expiry) {
      ledgerExpiry = Checked.ledgerExpiry(expiry);
      return this;
    }

    /** Tells the time of signatures and expiries. */
    public Builder clock(Clock other) {
      clock = other;
      return this;
    }

    Builder timing(Timing other) {
      timing = other;
      return this;
    }

    /** The store, not yet connected to anything. */
    public S3Store build() {
      if (bucket == null) {
        throw new IllegalStateException("store " + name + " needs a bucket(...)");
      }
      checkTransport();
      return new S3Store(
          new Settings(
              name,
              bucket,
              region,
              endpoint,
              credentials,
              prefix,
              callTimeout,
              ledgerExpiry,
              clock,
              timing));
    }

    private void checkTransport() {
      if (endpoint != null
          && !plaintext
          && !"https".equals(endpoint.getScheme())
          && (endpoint.getHost() == null || !isLoopback(endpoint.getHost()))) {
        throw new IllegalArgumentException(
            "endpoint %s is on another machine and without TLS: use https, or say plaintext(true)"
                .formatted(endpoint));
      }
    }
  }
}
