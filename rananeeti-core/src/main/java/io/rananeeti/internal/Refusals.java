package io.rananeeti.internal;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Refusal;
import java.io.IOException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import org.jspecify.annotations.Nullable;

/** The platform's own exceptions towards JDBC, each with its SQLSTATE and what to do. */
public final class Refusals {

  /** SQLSTATE of what can't be done while no writer can be reached; the connection stays usable. */
  public static final String DETACHED = "55R01";

  /** SQLSTATE of a write in a transaction that was declared read-only. */
  public static final String READ_ONLY = "25006";

  /** SQLSTATE of an intent key that was used before, for something else. */
  public static final String OTHER_CONTENT = "22R01";

  /** SQLSTATE of a value of an accepted row that only the store will know. */
  public static final String UNTOLD = "55R08";

  /** SQLSTATE of content that is not in the spool as it was taken. */
  public static final String CONTENT_LOST = "55R17";

  /** SQLSTATE of content that another node has put where it can't be read now. */
  static final String CONTENT_AWAY = "55R18";

  private Refusals() {}

  /** What was put into the spool can't be read from it (55R17). */
  public static SQLException contentLost(IOException cause) {
    return new SQLException(String.valueOf(cause.getMessage()), CONTENT_LOST, cause);
  }

  /** Set for an earlier transaction, and gone with it (55000). */
  public static SQLException contentGone(Object index) {
    return new SQLException(
        "the stream of parameter %s was kept for a transaction that is over; set the parameter again"
            .formatted(index),
        "55000");
  }

  /** A key that was asked for and can't be told yet; its row was taken all the same. */
  public static SQLException untold(String store, String column) {
    return new SQLException(
        "store %s has no writer: the row was taken and waits, and the value of its column %s is known only once it is applied; name the key columns where the statement is prepared, and do not repeat it"
            .formatted(store, column),
        UNTOLD);
  }

  /** What can't be done while detached (55R01). */
  public static SQLException detached(String store, String what) {
    return new SQLTransientConnectionException(
        "store %s has no writer, and this can't wait in the log: %s; roll back and try again later"
            .formatted(store, what),
        DETACHED);
  }

  /** The same while a person holds the store. */
  static SQLException held(String store, String by, String reason, String what) {
    return new SQLTransientConnectionException(
        "store %s is held by %s (%s), and this can't wait in the log: %s; roll back and try again later"
            .formatted(store, by, reason, what),
        DETACHED);
  }

  /** A write in a transaction that was declared read-only (25006), as the store would answer. */
  public static SQLException readOnly() {
    return new SQLException(
        "cannot write in a read-only transaction; call setReadOnly(false) before it begins",
        READ_ONLY);
  }

  /** Its intent key belongs to a transaction with other content (22R01). */
  static SQLException otherContent(TransactionId first) {
    Refusal refusal = otherContentOf(first);
    return new SQLDataException("nothing was committed: " + refusal.message(), refusal.sqlState());
  }

  /** The same, as it is kept with a dead letter. */
  static Refusal otherContentOf(TransactionId first) {
    return new Refusal(
        OTHER_CONTENT,
        "its intent key was used by transaction %s, with other statements or parameters: a key names one piece of work, so give this one its own"
            .formatted(first));
  }

  /** What can't be compared with what was done under an intent key before (0A000). */
  public static SQLException noIntent(String why) {
    return new SQLFeatureNotSupportedException(
        "client info rananeeti.intent-key can't be kept for this transaction, and nothing of it was committed: %s"
            .formatted(why),
        "0A000");
  }

  /** After a failure the transaction takes nothing but its rollback (25P02). */
  public static SQLException aborted(@Nullable Throwable cause) {
    return new SQLException(
        "an earlier statement of this transaction failed: it can only be rolled back",
        "25P02",
        cause);
  }

  /** Nothing was committed; safe to retry (40001). */
  public static SQLException retry(String why, @Nullable Throwable cause) {
    return new SQLTransactionRollbackException(
        "nothing was committed, the transaction is safe to retry: " + why, "40001", cause);
  }

  /** Nobody knows yet (08007). */
  public static SQLException unknown(TransactionId id, @Nullable Throwable cause) {
    return new SQLNonTransientConnectionException(
        "whether transaction %s is committed could not be settled; platform.outcome(id) answers once it is known"
            .formatted(id),
        "08007",
        cause);
  }

  /** A text that commits by itself, or runs outside transactions: nobody can settle it (08007). */
  public static SQLException unknowable(Throwable cause) {
    return new SQLNonTransientConnectionException(
        "the reply is missing, and whether this was done can't be settled: it commits by itself, or runs outside transactions; look before you repeat it",
        "08007",
        cause);
  }

  /** No connection was free in time (08001). */
  public static SQLException noConnection(String store, @Nullable Throwable cause) {
    return new SQLTransientConnectionException(
        "store %s is up, but gave no connection in time: the pool is too small or the database overloaded"
            .formatted(store),
        "08001",
        cause);
  }

  /** Nothing at all can be taken: no writer, and a log that takes nothing (08001). */
  public static SQLException nothingTaken(String store) {
    return new SQLTransientConnectionException(
        "store %s has no writer, and the log takes nothing: it is full, or has ended; see the platform's health"
            .formatted(store),
        "08001");
  }

  /** The log has no room, and the store no writer (53100). */
  public static SQLException logFull(RuntimeException cause) {
    return new SQLTransientException(String.valueOf(cause.getMessage()), "53100", cause);
  }

  /** The transaction is larger than the log takes (54000). */
  public static SQLException tooLarge(RuntimeException cause) {
    return new SQLException(
        "the transaction can't wait in the log, it is too large: " + cause.getMessage(),
        "54000",
        cause);
  }

  /** With the physical connection went what its session held; the connection is closed (08006). */
  public static SQLException stateLost(@Nullable Throwable cause) {
    return new SQLNonTransientConnectionException(
        "the connection broke, and with it what only its session held (temporary tables, LISTEN, locks, settings in a form that is not understood): take another connection",
        "08006",
        cause);
  }

  /** The connection is closed (08003). */
  public static SQLException closed() {
    return new SQLNonTransientConnectionException("this connection is closed", "08003");
  }

  /** The thread was interrupted while it waited for the store; its interrupt is kept (57014). */
  public static SQLException interrupted() {
    Thread.currentThread().interrupt();
    return new SQLTransientException("interrupted while waiting for the store", "57014");
  }

  /** What the store refused when the transaction was settled. */
  static SQLException refused(TransactionId id, @Nullable Refusal refusal) {
    return refused("transaction %s was refused and rolled back: %s", id, refusal);
  }

  /** A unit of work was refused when other stores had their part of it already. */
  static SQLException becameLetter(TransactionId id, @Nullable Refusal refusal) {
    return refused(
        "transaction %s was refused, and is a dead letter with what other stores have of it: retry or discard that, and do not run it again: %s",
        id, refusal);
  }

  private static SQLException refused(String words, TransactionId id, @Nullable Refusal refusal) {
    String state = refusal == null ? "40000" : refusal.sqlState();
    String message = words.formatted(id, refusal == null ? "no cause is known" : refusal.message());
    return switch (state.substring(0, 2)) {
      case "22" -> new SQLDataException(message, state);
      case "23" -> new SQLIntegrityConstraintViolationException(message, state);
      case "42" -> new SQLSyntaxErrorException(message, state);
      default -> new SQLException(message, state);
    };
  }
}
