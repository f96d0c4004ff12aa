package io.rananeeti.aurora;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of settling on one pooled connection. Used by one thread.
 *
 * <p>Every row that it writes carries a random number of this transaction, and the write answers
 * the number that stands in the row: equal, the row is ours. So who inserted is read from the row
 * itself and not from the server's internals.
 */
final class AuroraLedgerTransaction implements LedgerTransaction {

  private static final Logger LOG = LoggerFactory.getLogger(AuroraLedgerTransaction.class);

  private static final String CHECK_AND_RELEASE =
      "SAVEPOINT rananeeti_check; SET CONSTRAINTS ALL IMMEDIATE;"
          + " ROLLBACK TO SAVEPOINT rananeeti_check; RELEASE SAVEPOINT rananeeti_guard";

  private final Connection connection;
  private final OperationRunner runner;
  private final ContextSettings settings;
  private final Zombies zombies;
  private final long nonce;
  private final Duration intentRetention;
  private String pending;

  /**
   * What is its own.
   *
   * @param nonce the random number that marks its rows
   * @param intentRetention how long the keys that it takes are kept
   */
  record Own(long nonce, Duration intentRetention) {}

  AuroraLedgerTransaction(
      Connection connection,
      Isolation isolation,
      OperationRunner runner,
      ContextSettings settings,
      Zombies zombies,
      Own own) {
    this.connection = connection;
    this.runner = runner;
    this.settings = settings;
    this.zombies = zombies;
    this.nonce = own.nonce();
    this.intentRetention = own.intentRetention();
    this.pending = opening(isolation);
  }

  private static String opening(Isolation isolation) {
    String level =
        isolation == Isolation.DEFAULT
            ? ""
            : "SET TRANSACTION ISOLATION LEVEL " + isolation.name().replace('_', ' ') + "; ";
    return level + "SET LOCAL lock_timeout = '" + Ledger.LOCK_TIMEOUT + "'; ";
  }

  /** What is still to be sent, for the statement that goes first now. */
  private String takePending() {
    String taken = pending;
    pending = "";
    return taken;
  }

  private void flush() throws SQLException {
    if (!pending.isEmpty()) {
      send(takePending());
    }
  }

  @Override
  public List<Claim> claim(List<TransactionId> ids, Outcome intended) throws StoreException {
    Map<TransactionId, Claim> claims = new HashMap<>();
    Map<UUID, Long> settledBelow = new HashMap<>();
    own("claim", () -> sendClaim(ids, intended, claims, settledBelow));
    List<Claim> inOrder = new ArrayList<>();
    for (TransactionId id : ids) {
      Claim claim = claims.get(id);
      if (claim == null) {
        throw new IllegalStateException("the ledger did not answer for " + id);
      }
      checkKnown(claim, settledBelow);
      inOrder.add(claim);
    }
    return inOrder;
  }

  private void sendClaim(
      List<TransactionId> ids,
      Outcome intended,
      Map<TransactionId, Claim> claims,
      Map<UUID, Long> settledBelow)
      throws SQLException {
    Set<UUID> incarnations = new HashSet<>();
    ids.forEach(id -> incarnations.add(id.incarnation()));
    try (PreparedStatement statement = connection.prepareStatement(takePending() + Ledger.CLAIM)) {
      statement.setLong(1, nonce);
      statement.setString(2, intended.name());
      statement.setArray(3, uuids(ids.stream().map(TransactionId::incarnation).toArray()));
      statement.setArray(
          4, connection.createArrayOf("bigint", ids.stream().map(TransactionId::number).toArray()));
      statement.setArray(5, uuids(incarnations.toArray()));
      statement.execute();
      try (ResultSet rows = nextRows(statement)) {
        while (rows.next()) {
          Claim claim = read(rows);
          claims.put(claim.id(), claim);
        }
      }
      statement.getMoreResults();
      try (ResultSet rows = nextRows(statement)) {
        while (rows.next()) {
          settledBelow.put(rows.getObject(1, UUID.class), rows.getLong(2));
        }
      }
    }
  }

  /** Passes over the statements that answer no rows. */
  private static ResultSet nextRows(PreparedStatement statement) throws SQLException {
    ResultSet rows = statement.getResultSet();
    while (rows == null) {
      if (!statement.getMoreResults() && statement.getUpdateCount() == -1) {
        throw new IllegalStateException("the server answered fewer results than statements");
      }
      rows = statement.getResultSet();
    }
    return rows;
  }

  private java.sql.Array uuids(Object[] ids) throws SQLException {
    return connection.createArrayOf("uuid", ids);
  }

  private Claim read(ResultSet row) throws SQLException {
    TransactionId id = new TransactionId(row.getObject(1, UUID.class), row.getLong(2));
    Outcome outcome = Outcome.valueOf(row.getString(4));
    String state = row.getString(5);
    Refusal refusal =
        outcome == Outcome.REFUSED && state != null
            ? new Refusal(state, String.valueOf(row.getString(6)))
            : null;
    TransactionId first =
        outcome == Outcome.DUPLICATE ? TransactionId.parse(row.getString(6)) : null;
    return new Claim(id, row.getLong(3) == nonce, outcome, refusal, first);
  }

  /**
   * A row that was already there is a fact, whatever its number; one that we had to insert below
   * what is settled stands for one that was deleted (I2).
   */
  private static void checkKnown(Claim claim, Map<UUID, Long> settledBelow) throws StoreException {
    TransactionId id = claim.id();
    Long below = settledBelow.get(id.incarnation());
    if (below == null) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Ledger.ANOTHER_HISTORY,
          "the ledger does not know the incarnation of this log, id=%s: the database was rebuilt or restored; decide whether to adopt it"
              .formatted(id),
          null);
    }
    if (claim.ours() && id.number() < below) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Ledger.STALE_LOG,
          "the ledger has settled and forgotten all below %d of this incarnation, id=%s: this log is a copy, or older than the database; stop this node and find the log that is in use"
              .formatted(below, id),
          null);
    }
  }

  @Override
  public boolean replace(TransactionId refused) throws StoreException {
    int[] rows = {0};
    own(
        "replace",
        () -> {
          flush();
          try (PreparedStatement statement = connection.prepareStatement(Ledger.REPLACE)) {
            statement.setObject(1, refused.incarnation());
            statement.setLong(2, refused.number());
            rows[0] = statement.executeUpdate();
          }
        });
    return rows[0] == 1;
  }

  @Override
  public Map<String, IntentHolder> intend(Map<TransactionId, Intent> intents)
      throws StoreException {
    Map<String, IntentHolder> holders = new HashMap<>();
    own("intend", () -> sendIntents(intents, holders));
    return holders;
  }

  private void sendIntents(Map<TransactionId, Intent> intents, Map<String, IntentHolder> holders)
      throws SQLException {
    flush();
    List<TransactionId> ids = List.copyOf(intents.keySet());
    List<Intent> each = ids.stream().map(intents::get).toList();
    try (PreparedStatement statement = connection.prepareStatement(Ledger.INTEND)) {
      statement.setLong(1, intentRetention.toSeconds());
      statement.setArray(2, bytes(each.stream().map(one -> IntentRow.key(one.key())).toList()));
      statement.setArray(3, bytes(each.stream().map(IntentRow::digest).toList()));
      statement.setArray(4, uuids(ids.stream().map(TransactionId::incarnation).toArray()));
      statement.setArray(
          5, connection.createArrayOf("bigint", ids.stream().map(TransactionId::number).toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          holders.put(IntentRow.key(rows, 1), IntentRow.holder(rows, 2));
        }
      }
    }
  }

  private java.sql.Array bytes(List<byte[]> values) throws SQLException {
    return connection.createArrayOf("bytea", values.toArray(byte[][]::new));
  }

  @Override
  public @Nullable IntentHolder holder(String intentKey) throws StoreException {
    @Nullable IntentHolder[] holder = {null};
    own(
        "holder",
        () -> {
          flush();
          holder[0] = askHolder(intentKey);
        });
    return holder[0];
  }

  private @Nullable IntentHolder askHolder(String intentKey) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Ledger.HOLDER)) {
      statement.setBytes(1, IntentRow.key(intentKey));
      try (ResultSet rows = statement.executeQuery()) {
        if (rows.next()) {
          return IntentRow.holder(rows, 1);
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(Ledger.FREE)) {
      statement.setBytes(1, IntentRow.key(intentKey));
      statement.executeUpdate();
    }
    return null;
  }

  @Override
  public void duplicate(TransactionId claimed, TransactionId first) throws StoreException {
    own(
        "duplicate",
        () -> {
          flush();
          try (PreparedStatement statement = connection.prepareStatement(Ledger.DUPLICATE)) {
            statement.setString(1, first.toString());
            statement.setObject(2, claimed.incarnation());
            statement.setLong(3, claimed.number());
            statement.setLong(4, nonce);
            mustBeOne(statement.executeUpdate(), claimed);
          }
        });
  }

  private static void mustBeOne(int rows, TransactionId claimed) {
    if (rows != 1) {
      throw new IllegalStateException("not claimed by this transaction: " + claimed);
    }
  }

  @Override
  public void guard() {
    pending += "SAVEPOINT rananeeti_guard; ";
    settings.mark();
  }

  @Override
  public void enter(Context context) throws StoreException {
    if (!settings.changes(context)) {
      return;
    }
    own("guard", this::flush);
    String other = settings.otherUser(context);
    if (other != null) {
      refuseUnlessMember(other);
    }
    applications("context", () -> settings.enter(context));
  }

  /**
   * An entry that was accepted as another user is applied as that user or not at all: its rights,
   * and the rows that it may see, are those of its acceptance.
   */
  private void refuseUnlessMember(String user) throws StoreException {
    boolean[] member = {false};
    own("user", () -> member[0] = isMember(user));
    if (!member[0]) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Ledger.OTHER_USER,
          "a transaction waits that was accepted as the user \"%s\", and this store logs in as one who may not become that: GRANT \"%<s\" to it, or give the store the user again"
              .formatted(user),
          null);
    }
  }

  private boolean isMember(String user) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Ledger.MEMBER)) {
      statement.setString(1, user);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  @Override
  public void execute(List<Operation> operations, Instant acceptedAt) throws StoreException {
    own("guard", () -> announce(acceptedAt));
    applications("apply", () -> runner.run(operations));
  }

  private void announce(Instant acceptedAt) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(takePending() + Ledger.ACCEPTED_AT)) {
      statement.setString(1, acceptedAt.toString());
      statement.execute();
    }
  }

  /**
   * Deferred constraints are checked within a savepoint that is rolled back at once: the check
   * leaves neither their mode changed for the next entry nor their triggers' effects done twice.
   */
  @Override
  public void release() throws StoreException {
    applications("deferred constraints", () -> send(takePending() + CHECK_AND_RELEASE));
  }

  @Override
  public void retreat() throws StoreException {
    own("retreat", () -> send(takePending() + "ROLLBACK TO SAVEPOINT rananeeti_guard"));
    settings.backToMark();
  }

  @Override
  public void refuse(TransactionId claimed, Refusal refusal) throws StoreException {
    own(
        "refuse",
        () -> {
          flush();
          try (PreparedStatement statement = connection.prepareStatement(Ledger.REFUSE)) {
            statement.setString(1, refusal.sqlState());
            statement.setString(2, refusal.message().replace('\0', ' '));
            statement.setObject(3, claimed.incarnation());
            statement.setLong(4, claimed.number());
            statement.setLong(5, nonce);
            mustBeOne(statement.executeUpdate(), claimed);
          }
        });
  }

  @Override
  public void commit() throws StoreException {
    applications("commit", () -> send(takePending() + Ledger.COMMIT));
  }

  @Override
  public void close() {
    try (connection) {
      connection.rollback();
    } catch (SQLException e) {
      // The pool has taken the connection out; the server ends the transaction with it.
      LOG.debug("a ledger transaction was closed on a broken connection: {}", Wording.describe(e));
    }
  }

  private void send(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void own(String step, Step body) throws StoreException {
    try {
      body.run();
    } catch (SQLException e) {
      throw failed(step, Classifier.classifyOwn(e), e);
    }
  }

  private void applications(String step, Step body) throws StoreException {
    try {
      body.run();
    } catch (SQLException e) {
      throw failed(step, Classifier.classify(e), e);
    }
  }

  /** Whoever holds a lock that we need may be a zombie of ours (S4). */
  private StoreException failed(String step, Failure meaning, SQLException failure) {
    if ("55P03".equals(Classifier.sqlState(failure))) {
      zombies.end();
    }
    if (Classifier.isReadOnly(failure)) {
      abort(failure);
    }
    return Wording.exception(step, meaning, failure);
  }

  /** No transaction of ours is read-only: its server is no writer, and never lent out again. */
  private void abort(SQLException failure) {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  /** What may fail on the database. */
  @FunctionalInterface
  private interface Step {
    void run() throws SQLException, StoreException;
  }
}
