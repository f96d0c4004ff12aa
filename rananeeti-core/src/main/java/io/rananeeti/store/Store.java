package io.rananeeti.store;

import io.rananeeti.TransactionId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An adapter to one SQL database and the ledger in it. Thread-safe. Only the platform calls it.
 *
 * <p>No call waits for an unreachable database longer than the time it is given, and none tries
 * again by itself: waiting and trying again are the platform's.
 */
public interface Store extends AutoCloseable {

  /** The name by which the application asks for it. */
  String name();

  /** Starts, whether the database can be reached or not, without waiting for it. */
  void open(StoreHost host);

  /**
   * Asks on a connection of its own whether there is a writer that can be written to now.
   *
   * @throws StoreException {@link Failure#UNREACHABLE} if there is none, {@link
   *     Failure#ENVIRONMENT} if a person must look
   */
  Writer probe(Duration timeout) throws StoreException;

  /**
   * Makes sure that the ledger is there and knows this log (I2, I3); called at the start of every
   * recovery.
   *
   * @param known incarnations that the log says it has registered in this ledger
   * @param adopt whether a ledger that does not know them is to be taken all the same
   * @throws StoreException {@link Failure#ENVIRONMENT} if the ledger has another history (SQLSTATE
   *     {@code 55R03}), or is missing and may not be created (the message holds the DDL)
   */
  void register(Set<UUID> known, boolean adopt) throws StoreException;

  /**
   * A physical connection to the writer, not in auto-commit mode, in the state of a fresh one.
   * Closing it gives it back. A new one has proven before first use to which writer it speaks (R2).
   *
   * @throws SQLException 08001 if there was none within the time given
   */
  Connection connect(Duration timeout) throws SQLException;

  /**
   * Makes session settings on a connection that {@link #connect} gave; at the end they are {@link
   * #restore restored}, or the connection is {@link #evict evicted}.
   */
  void enter(Connection connection, Map<String, String> settings) throws SQLException;

  /**
   * What an entry must keep of a session besides what the application has set in it, because the
   * session that applies it later may have begun otherwise: as whom it has logged in, its search
   * path and time zone. Asks no database.
   *
   * @param made by the application; what it has set stands
   */
  default Context complete(Context made) {
    return made;
  }

  /**
   * Undoes settings that were made on a connection, by whomever; no transaction is open on it.
   *
   * @return false if that can't be done, and the connection must be evicted; that is the default
   */
  default boolean restore(Connection connection, Set<String> names) throws SQLException {
    return false;
  }

  /**
   * Runs recorded operations again on another connection, within the transaction that is open
   * there, and compares their results with those recorded.
   *
   * @throws StoreException {@link Failure#REFUSED} with {@link Refusal#BROKEN_PROMISE} when a
   *     result differs
   */
  void execute(Connection connection, List<Operation> operations) throws StoreException;

  /**
   * Reads what a statement has answered, and leaves the result set as it is: before its first row.
   * Where the platform retains, it is asked this of writes that answer rows.
   *
   * @param answer of the driver's, all of it fetched
   * @param mostRows more are not kept
   * @param mostBytes nor rows that take more than about this many
   */
  default Answered answered(ResultSet answer, int mostRows, int mostBytes) throws SQLException {
    return Answered.unkept("store " + name() + " can't keep what its statements answer");
  }

  /** Reads its texts, where these are not SQL as PostgreSQL has it; null if they are. */
  default @Nullable StatementReader reader() {
    return null;
  }

  /** When its part of a unit of work across stores is applied. */
  default PartOrder partOrder() {
    return PartOrder.ROWS;
  }

  /**
   * Why these can't be its part of a unit of work across stores; null if they can, as far as that
   * can be said without the store. A part must be applied all or nothing, and once, however often
   * it is sent; of {@link PartOrder#OBJECTS} it must do no harm whenever it is.
   */
  default @Nullable String refusalOfPart(List<Operation> part) {
    return "store %s takes no part in units of work across stores but as their last one"
        .formatted(name());
  }

  /** Keeps and sets values of the driver's own types. */
  default ParameterCodec parameterCodec() {
    return ParameterCodec.NONE;
  }

  /** Where values of sequences come from. */
  default Sequences sequences() {
    return Sequences.NONE;
  }

  /**
   * What decides what the names of tables and sequences mean in a new session, before the
   * application sets anything: the same text as long as that is the same. Known without reaching
   * the store; what was learned of names under another text is forgotten.
   */
  default String naming() {
    return "";
  }

  /** Ends a connection that {@link #connect} gave, instead of giving it back. Never throws. */
  void evict(Connection connection);

  /** As {@link #commit(Connection, TransactionId, boolean, Intent)}, of one without an intent. */
  default boolean commit(Connection connection, TransactionId id, boolean unproven)
      throws SQLException {
    return commit(connection, id, unproven, null);
  }

  /**
   * Sends the pair {@code <ledger insert>; COMMIT} in one round trip (C1).
   *
   * @param unproven whether the transaction may have had effects that the database gives no
   *     transaction id (C2): then the row is written in any case
   * @param intent what takes its key with that row, or else the transaction fails (S6); null if the
   *     transaction has none
   * @return whether a row was written, which is: whether the transaction wrote anything
   * @throws SQLException as the driver throws it; {@link #settledOtherwise} tells whether it is the
   *     ledger's, {@link #intentTaken} whether the intent key's; {@link #classify} what it means
   */
  boolean commit(Connection connection, TransactionId id, boolean unproven, @Nullable Intent intent)
      throws SQLException;

  /** Whether this failure of {@link #commit} says that the ledger already has the id (C1). */
  boolean settledOtherwise(SQLException failure);

  /**
   * Whether this failure of {@link #commit} says that the intent key has a holder already (S6). The
   * transaction is rolled back.
   */
  boolean intentTaken(SQLException failure);

  /** Why it keeps no intent keys (S6); null if it does. */
  default @Nullable String whyNoIntents() {
    return null;
  }

  /** The most transactions that are worth settling in one database transaction (D4). */
  default int mostTogether() {
    return Integer.MAX_VALUE;
  }

  /** Begins a database transaction to settle in, at this isolation. */
  LedgerTransaction begin(Isolation isolation) throws StoreException;

  /**
   * Whether it can tell what a new writer lacks of what was acknowledged, so that the platform may
   * keep that; where it can't, a {@code retain} of the platform is not for this store.
   */
  default boolean canRetain() {
    return false;
  }

  /**
   * Looks at what the writer has of what was acknowledged (R1-R3); where the platform retains.
   *
   * @throws StoreException {@link Failure#ENVIRONMENT} if this store can't, or if it can't see each
   *     new physical connection, as behind a pooler of transactions (R7)
   */
  default TailCheck inspect() throws StoreException {
    throw new StoreException(
        Failure.ENVIRONMENT, "0A000", "store " + name() + " can't retain transactions", null);
  }

  /** How far the other regions have come (R5). */
  default Coverage coverage() throws StoreException {
    return Coverage.NONE;
  }

  /** What a failure means that the driver threw to the application's statement. */
  Failure classify(SQLException failure);

  /**
   * Ends all physical connections now, those in use included: whoever waits in a call gets an
   * exception. Connections opened afterwards are new ones.
   */
  void sever();

  /**
   * Deletes rows that nothing can ask for any more (F1): those of the incarnation with a number
   * below the given one, but for those kept, and but for those whose original might still run.
   *
   * @param settledBelow no transaction with a smaller number of this incarnation is open; raised in
   *     the ledger before anything is deleted (I2)
   * @param kept numbers below that stay, because their dead letters live
   */
  void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws StoreException;

  /**
   * Deletes intent keys whose time is over, of whatever log: a bounded number of them at a time.
   *
   * @param living keys that stay in any case for as long as they are given here: their dead letters
   *     may be retried, and must find who has had their effect meanwhile (S6)
   */
  void expireIntents(Set<String> living) throws StoreException;

  /**
   * A transaction was committed with these settings: a store that can't stand behind one of them
   * says so in its {@link #warnings} (C8).
   */
  default void committedWith(Map<String, String> settings) {}

  /**
   * What a person should know, such as {@code synchronous_commit=off} (C8); empty if all is well.
   */
  List<String> warnings();

  /** Closes all connections. */
  @Override
  void close();
}
