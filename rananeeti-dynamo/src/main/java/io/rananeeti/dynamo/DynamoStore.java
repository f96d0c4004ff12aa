package io.rananeeti.dynamo;

import io.rananeeti.TransactionId;
import io.rananeeti.aws.internal.Access;
import io.rananeeti.aws.internal.Checked;
import io.rananeeti.aws.internal.Generation;
import io.rananeeti.aws.internal.InFlight.Call;
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
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/**
 * The store on DynamoDB, and the ledger in a table of its own. Thread-safe. The platform opens and
 * closes it.
 *
 * <p>A transaction's writes wait in memory until its commit, and are sent then with its ledger item
 * in one {@code TransactWriteItems}: all or nothing, and once. They are statements of PartiQL, or
 * {@linkplain io.rananeeti.PlatformConnection#enlist enlisted} operations: {@link PutItem}, {@link
 * UpdateItem}, {@link DeleteItem}, {@link CheckItem}. Queries are sent at once and see none of the
 * writes before the commit.
 *
 * <p>The ledger's table is made at the first contact where the credentials allow it; else the
 * platform says with an alarm which commands to run.
 */
public final class DynamoStore implements Store {

  /** Of 100 actions: one each for the ledger and for its write, and the registrations. */
  private static final int TOGETHER = 40;

  private final Settings settings;
  private volatile @Nullable Opened opened;

  /** What was built. */
  record Settings(
      String name,
      Access access,
      String ledgerTable,
      boolean consistentReads,
      Duration ledgerExpiry,
      Clock clock) {}

  private DynamoStore(Settings settings) {
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

  /**
   * Reads without the platform's JDBC door: get and query.
   *
   * @return consistent as {@link Builder#consistentReads} says
   */
  public DynamoReads reads() {
    return new DynamoReads(this::opened, settings.consistentReads());
  }

  @Override
  public void open(StoreHost host) {
    opened = new Opened(settings, host, Clients.open(settings.access()));
  }

  private Opened opened() {
    Opened now = opened;
    if (now == null) {
      throw new IllegalStateException("store " + settings.name() + " is not open");
    }
    return now;
  }

  /**
   * Writes the item that the registration has made. If that is gone, the table is another one than
   * before: another writer.
   */
  @Override
  public Writer probe(Duration timeout) throws StoreException {
    Opened now = opened();
    Duration within = Access.within(timeout);
    Map<String, AttributeValue> values =
        Map.of(
            ":now", now.now(),
            ":expires",
                Ledger.number(
                    now.clock().instant().plus(settings.ledgerExpiry()).getEpochSecond()));
    try {
      now.database()
          .send(
              new Call(),
              client ->
                  client.updateItem(
                      request ->
                          request
                              .tableName(now.table())
                              .key(Registration.probe(now.host().incarnation()))
                              .updateExpression("SET seen = :now, expires_at = :expires")
                              .conditionExpression("attribute_exists(pk)")
                              .expressionAttributeValues(values)
                              .overrideConfiguration(
                                  o -> o.apiCallTimeout(within).apiCallAttemptTimeout(within))));
    } catch (ConditionalCheckFailedException | ResourceNotFoundException e) {
      now.unregistered();
    } catch (SdkException e) {
      throw Failures.own(Failures.of("probe", e));
    }
    return new Writer(now.url() + "#" + now.generation().number());
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) throws StoreException {
    Opened now = opened();
    try {
      new Registration(now).run(known, adopt);
    } catch (SQLException e) {
      throw Failures.own(e);
    }
    now.generation().registered();
  }

  @Override
  public Connection connect(Duration timeout) {
    return DynamoConnection.open(opened());
  }

  /** There are none; the name of the application is of no use, and does no harm. */
  @Override
  public void enter(Connection connection, Map<String, String> made) throws SQLException {
    DynamoConnection.of(connection).enter(made);
  }

  @Override
  public boolean restore(Connection connection, Set<String> names) {
    return true;
  }

  @Override
  public void execute(Connection connection, List<Operation> operations) throws StoreException {
    try {
      opened().operations().add(operations, DynamoConnection.of(connection).buffer());
    } catch (SQLException e) {
      throw Failures.store(e);
    }
  }

  @Override
  public StatementReader reader() {
    return StoreTexts.INSTANCE;
  }

  @Override
  public PartOrder partOrder() {
    return PartOrder.ITEMS;
  }

  @Override
  public @Nullable String refusalOfPart(List<Operation> part) {
    return StoreTexts.INSTANCE.refusal(part);
  }

  @Override
  public ParameterCodec parameterCodec() {
    return DynamoTypes.INSTANCE;
  }

  @Override
  public void evict(Connection connection) {
    DynamoConnection.of(connection).end();
  }

  @Override
  public boolean commit(
      Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException {
    return DynamoConnection.of(connection).commit(id, intent);
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return Failures.SETTLED_OTHERWISE.equals(failure.getSQLState());
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    return Failures.INTENT_TAKEN.equals(failure.getSQLState());
  }

  @Override
  public int mostTogether() {
    return TOGETHER;
  }

  /** Its one write is serializable, whatever was asked for. */
  @Override
  public LedgerTransaction begin(Isolation isolation) {
    return new DynamoLedgerTransaction(opened(), opened().nonce());
  }

  @Override
  public Failure classify(SQLException failure) {
    return Failures.classify(failure);
  }

  @Override
  public void sever() {
    opened().database().sever();
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
  public void expireIntents(Set<String> living) throws StoreException {
    try {
      opened().pruning().prolong(living);
    } catch (SQLException e) {
      throw Failures.own(e);
    }
  }

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public void close() {
    Opened now = opened;
    if (now != null) {
      now.database().close();
    }
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    return "DynamoStore[name=" + settings.name() + ", ledgerTable=" + settings.ledgerTable() + "]";
  }

  /** What there is once it is open. Thread-safe. */
  static final class Opened {

    private final Settings settings;
    private final StoreHost host;
    private final Database database;
    private final Operations operations;
    private final Learned learned = new Learned(System::nanoTime);
    private final Pruning pruning;
    private final Generation generation = new Generation();

    Opened(Settings settings, StoreHost host, Database database) {
      this.settings = settings;
      this.host = host;
      this.database = database;
      this.operations = new Operations(database);
      this.pruning = new Pruning(this);
    }

    String name() {
      return settings.name();
    }

    String table() {
      return settings.ledgerTable();
    }

    boolean consistentReads() {
      return settings.consistentReads();
    }

    Clock clock() {
      return settings.clock();
    }

    /** This moment as an attribute. */
    AttributeValue now() {
      return Ledger.number(settings.clock().instant().getEpochSecond());
    }

    StoreHost host() {
      return host;
    }

    Database database() {
      return database;
    }

    Operations operations() {
      return operations;
    }

    Learned learned() {
      return learned;
    }

    Pruning pruning() {
      return pruning;
    }

    /** Marks what one request writes; no two are equal. */
    String nonce() {
      return UUID.randomUUID().toString();
    }

    /** Where it is, for people. */
    String url() {
      return "dynamodb:" + settings.access().where() + "/" + settings.ledgerTable();
    }

    /** The tables may have been made anew, too. */
    void unregistered() {
      if (generation.unregistered()) {
        database.forgetKeys();
      }
    }

    Generation generation() {
      return generation;
    }
  }

  /** Describes a store. Not thread-safe. */
  public static final class Builder {

    private final String name;
    private @Nullable Region region;
    private @Nullable URI endpoint;
    private @Nullable AwsCredentialsProvider credentials;
    private String ledgerTable = "rananeeti_ledger";
    private boolean consistentReads;
    private Duration callTimeout = Duration.ofSeconds(2);
    private Duration ledgerExpiry = Duration.ofDays(90);
    private Clock clock = Clock.systemUTC();

    private Builder(String name) {
      this.name = Checked.name(name);
    }

    /** The AWS region, as in {@code eu-west-1}. Default: what the SDK finds. */
    public Builder region(String region) {
      this.region = Region.of(region);
      return this;
    }

    /** Where DynamoDB is, if not at the region's own endpoint: a VPC's, or DynamoDB Local. */
    public Builder endpoint(URI endpoint) {
      this.endpoint = endpoint;
      return this;
    }

    /** By what the store proves who it is. Default: the SDK's default provider chain. */
    public Builder credentials(AwsCredentialsProvider provider) {
      this.credentials = provider;
      return this;
    }

    /**
     * The table of the ledger: 3 to 255 letters, digits, {@code _}, {@code -} and {@code .}.
     * Platforms may share one. Default {@code rananeeti_ledger}.
     */
    public Builder ledgerTable(String table) {
      if (!table.matches("[A-Za-z0-9_.-]{3,255}")) {
        throw new IllegalArgumentException(
            "ledgerTable has 3 to 255 letters, digits, _, - and .: " + table);
      }
      ledgerTable = table;
      return this;
    }

    /**
     * Whether queries see all that was committed before them, at twice the cost. Default: no, they
     * may lag by some moments.
     */
    public Builder consistentReads(boolean consistent) {
      consistentReads = consistent;
      return this;
    }

    /**
     * How long one call may take, with the one repetition that the SDK is allowed. Default 2 s, 100
     * ms to 1 min; no longer than the platform's outage budget keeps callers from waiting.
     */
    public Builder callTimeout(Duration timeout) {
      callTimeout = Checked.callTimeout(timeout);
      return this;
    }

    /**
     * After how long the ledger's items of a log that was not seen again may be forgotten by any
     * node. A log that is older than that refuses to drain. Default 90 days, at least 1 day.
     */
    public Builder ledgerExpiry(Duration expiry) {
      ledgerExpiry = Checked.ledgerExpiry(expiry);
      return this;
    }

    /** Tells the time of expiries. */
    Builder clock(Clock other) {
      clock = other;
      return this;
    }

    /** The store, not yet connected to anything. */
    public DynamoStore build() {
      return new DynamoStore(
          new Settings(
              name,
              new Access(region, endpoint, credentials, callTimeout),
              ledgerTable,
              consistentReads,
              ledgerExpiry,
              clock));
    }
  }
}
