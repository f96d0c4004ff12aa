package io.rananeeti.aurora;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The ledger's names and statements. Every name is schema-qualified, because they run under
 * whatever search path the application has set.
 */
final class Ledger {

  /** The schema that holds everything of ours. */
  static final String SCHEMA = "rananeeti";

  /** The constraint whose violation says "settled otherwise" (C1). */
  static final String IDENTITY = "ledger_identity";

  /** The constraint whose violation says that an intent key has a holder (S6). */
  static final String INTENT = "intent_key";

  /** The version of {@code ledger.sql} that this code speaks to. */
  static final int VERSION = 1;

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  static final String STALE_LOG = "55R04";

  /** SQLSTATE: the ledger has a version that this code does not know. */
  static final String UNKNOWN_VERSION = "55R05";

  /** SQLSTATE: what retention has to see of connections, a pooler hides (R7). */
  static final String POOLER = "55R10";

  /** SQLSTATE: an entry was accepted as a user that this store's may not become. */
  static final String OTHER_USER = "55R06";

  /** Incarnations, numbers. Those of them that have no row, and can't have had one deleted. */
  static final String LACKING =
      "SELECT i, n FROM unnest(CAST(? AS uuid[]), CAST(? AS bigint[])) AS ids (i, n)"
          + " WHERE NOT EXISTS (SELECT FROM rananeeti.ledger AS l WHERE l.incarnation = i AND l.number = n)"
          + " AND NOT EXISTS (SELECT FROM rananeeti.incarnation AS k"
          + " WHERE k.incarnation = i AND k.settled_below > n)";

  /** The same, and those whose row says that they were refused. */
  static final String NOT_APPLIED =
      LACKING
          + " UNION SELECT i, n FROM unnest(CAST(? AS uuid[]), CAST(? AS bigint[])) AS ids (i, n)"
          + " WHERE EXISTS (SELECT FROM rananeeti.ledger AS l"
          + " WHERE l.incarnation = i AND l.number = n AND l.outcome = 'REFUSED')";

  /** The epoch that it must exceed. */
  static final String RAISE =
      "UPDATE rananeeti.epoch SET epoch = GREATEST(epoch, ?) + 1 RETURNING epoch";

  /** Incarnation, number: the row by which a recovery is known. */
  static final String RECOVERY =
      "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome) VALUES (?, ?, 0, 'ABORTED')";

  /** User: a row if the session's may become that one. */
  static final String MEMBER =
      "SELECT 1 FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) ?"
          + " AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')";

  /** Incarnation, number, unproven. The row is written only where the transaction has an effect. */
  static final String PAIR = pair("");

  /**
   * The same, then key, digest, incarnation, number, seconds. A transaction that has written the
   * ledger's row has an id, and takes the key.
   */
  static final String PAIR_WITH_INTENT =
      pair(
          "INSERT INTO rananeeti.intent (key, digest, incarnation, number, expires_at)"
              + " SELECT ?, ?, ?, ?, pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (? OPERATOR(pg_catalog.*) interval '1 second')"
              + " WHERE pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL; ");

  /**
   * Nonce, outcome, incarnations, numbers; then incarnations again. The write of S1 and, after it,
   * the read of I2 in one round trip.
   */
  static final String CLAIM =
      "INSERT INTO rananeeti.ledger AS l (incarnation, number, claim, outcome)"
          + " SELECT i, n, ?, ? FROM unnest(CAST(? AS uuid[]), CAST(? AS bigint[])) AS ids (i, n) ORDER BY i, n"
          + " ON CONFLICT ON CONSTRAINT ledger_identity DO UPDATE SET outcome = l.outcome"
          + " RETURNING l.incarnation, l.number, l.claim, l.outcome, l.sqlstate, l.message;"
          + " SELECT incarnation, settled_below FROM rananeeti.incarnation"
          + " WHERE incarnation = ANY (?) ORDER BY incarnation FOR SHARE";

  /**
   * Keys, digests, incarnations, numbers, seconds. A write as the claim is, for the same reasons; a
   * row whose time is over is taken.
   */
  static final String INTEND =
      "INSERT INTO rananeeti.intent AS i (key, digest, incarnation, number, expires_at)"
          + " SELECT k, d, c, n, pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (? OPERATOR(pg_catalog.*) interval '1 second')"
          + " FROM unnest(CAST(? AS bytea[]), CAST(? AS bytea[]), CAST(? AS uuid[]), CAST(? AS bigint[]))"
          + " AS taken (k, d, c, n) ORDER BY k"
          + " ON CONFLICT ON CONSTRAINT intent_key DO UPDATE SET"
          + " digest = CASE WHEN i.expires_at > pg_catalog.statement_timestamp() THEN i.digest ELSE EXCLUDED.digest END,"
          + " incarnation = CASE WHEN i.expires_at > pg_catalog.statement_timestamp() THEN i.incarnation ELSE EXCLUDED.incarnation END,"
          + " number = CASE WHEN i.expires_at > pg_catalog.statement_timestamp() THEN i.number ELSE EXCLUDED.number END,"
          + " expires_at = CASE WHEN i.expires_at > pg_catalog.statement_timestamp() THEN i.expires_at ELSE EXCLUDED.expires_at END"
          + " RETURNING i.key, i.digest, i.incarnation, i.number";

  /** Key. A write that leaves the row as it was, so that a standby has it once this is answered. */
  static final String HOLDER =
      "UPDATE rananeeti.intent SET expires_at = expires_at"
          + " WHERE key = ? AND expires_at > pg_catalog.statement_timestamp()"
          + " RETURNING digest, incarnation, number";

  /** Key. What stands in the way of the next transaction with it. */
  static final String FREE =
      "DELETE FROM rananeeti.intent"
          + " WHERE key = ? AND expires_at <= pg_catalog.statement_timestamp()";

  /** First, incarnation, number, nonce. */
  static final String DUPLICATE =
      "UPDATE rananeeti.ledger SET outcome = 'DUPLICATE', message = ?"
          + " WHERE incarnation = ? AND number = ? AND claim = ?";

  /** Incarnation, number. */
  static final String REPLACE =
      "UPDATE rananeeti.ledger SET outcome = 'REPLACED'"
          + " WHERE incarnation = ? AND number = ? AND outcome = 'REFUSED'";

  /** SQLSTATE, message, incarnation, number, nonce. */
  static final String REFUSE =
      "UPDATE rananeeti.ledger SET outcome = 'REFUSED', sqlstate = ?, message = ?"
          + " WHERE incarnation = ? AND number = ? AND claim = ?";

  /** The time of acceptance, offered to triggers and defaults. */
  static final String ACCEPTED_AT =
      "SELECT pg_catalog.set_config('rananeeti.accepted_at', ?, true)";

  /** Whatever the session or the entry's context say, what was settled is durable (C8). */
  static final String COMMIT =
      "SELECT pg_catalog.set_config('synchronous_commit', 'on', true)"
          + " WHERE pg_catalog.current_setting('synchronous_commit')"
          + " OPERATOR(pg_catalog.=) ANY (ARRAY['off', 'local']); COMMIT";

  /** The longest that any statement of ours waits for a lock (S4). */
  static final String LOCK_TIMEOUT = "2s";

  private Ledger() {}

  private static String pair(String between) {
    return "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome)"
        + " SELECT ?, ?, 0, 'APPLIED'"
        + " WHERE ? OR pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL; "
        + between
        + "COMMIT";
  }

  /** The DDL that makes the ledger, for the store or a person to run. */
  static String ddl() {
    try (InputStream resource = Ledger.class.getResourceAsStream("ledger.sql")) {
      return new String(
          Objects.requireNonNull(resource, "ledger.sql").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
