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

  /** The version of {@code ledger.sql} that this code speaks to. */
  static final int VERSION = 1;

  /** SQLSTATE: the ledger does not know this log, so this is another history (I3). */
  static final String ANOTHER_HISTORY = "55R03";

  /** SQLSTATE: the log asks for what it has released, so it is a copy or too old (I2). */
  static final String STALE_LOG = "55R04";

  /** SQLSTATE: the ledger has a version that this code does not know. */
  static final String UNKNOWN_VERSION = "55R05";

  /** SQLSTATE: an entry was accepted as a user that this store's may not become. */
  static final String OTHER_USER = "55R06";

  /** User: a row if the session's may become that one. */
  static final String MEMBER =
      "SELECT 1 FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) ?"
          + " AND pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')";

  /** Incarnation, number, unproven. The row is written only where the transaction has an effect. */
  static final String PAIR =
      "INSERT INTO rananeeti.ledger (incarnation, number, claim, outcome)"
          + " SELECT ?, ?, 0, 'APPLIED'"
          + " WHERE ? OR pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT";

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
