package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the ledger where it is missing, checks it where it is there, and makes this log known in it
 * (I2, I3): one database transaction, all or nothing. Used by one thread.
 */
final class Registration {

  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);

  /** Two nodes that start at once make the ledger one after the other. */
  private static final String LOCK = "SELECT pg_catalog.pg_advisory_xact_lock(5930216438211846477)";

  private static final String EXISTS =
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_class AS c"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
          + " WHERE n.nspname = 'rananeeti' AND c.relname = 'ledger')";

  private static final String MISSING_RIGHTS =
      "SELECT r.name, r.rights FROM (VALUES"
          + " ('rananeeti.ledger', 'SELECT'), ('rananeeti.ledger', 'INSERT'),"
          + " ('rananeeti.ledger', 'UPDATE'), ('rananeeti.ledger', 'DELETE'),"
          + " ('rananeeti.intent', 'SELECT'), ('rananeeti.intent', 'INSERT'),"
          + " ('rananeeti.intent', 'UPDATE'), ('rananeeti.intent', 'DELETE'),"
          + " ('rananeeti.incarnation', 'SELECT'), ('rananeeti.incarnation', 'INSERT'),"
          + " ('rananeeti.incarnation', 'UPDATE'), ('rananeeti.version', 'SELECT'),"
          + " ('rananeeti.epoch', 'SELECT'), ('rananeeti.epoch', 'UPDATE'))"
          + " AS r (name, rights) WHERE NOT pg_catalog.has_table_privilege(r.name, r.rights)";

  private static final String KNOWN =
      "SELECT incarnation FROM rananeeti.incarnation WHERE incarnation = ANY (?)";

  private static final String ADD =
      "INSERT INTO rananeeti.incarnation (incarnation, platform, log) VALUES (?, ?, ?)"
          + " ON CONFLICT (incarnation) DO UPDATE SET seen_at = pg_catalog.now()";

  private static final String SEEN =
      "UPDATE rananeeti.incarnation SET seen_at = pg_catalog.now() WHERE log = ?";

  private final Connection connection;
  private final StoreHost host;

  Registration(Connection connection, StoreHost host) {
    this.connection = connection;
    this.host = host;
  }

  /** Does it all; see {@link io.rananeeti.store.Store#register}. */
  void run(Set<UUID> known, boolean adopt) throws SQLException, StoreException {
    send("SET LOCAL lock_timeout = '" + Ledger.LOCK_TIMEOUT + "'");
    boolean created = !asks(EXISTS) && createOnce();
    check();
    Set<UUID> unknown = unknown(known);
    if (!unknown.isEmpty() && !adopt) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Ledger.ANOTHER_HISTORY,
          "the ledger does not know %d of the %d incarnations of this log, first=%s: the database was rebuilt or restored; decide whether to adopt it"
              .formatted(unknown.size(), known.size(), unknown.iterator().next()),
          null);
    }
    for (UUID incarnation : unknown) {
      add(incarnation);
    }
    add(host.incarnation());
    seen();
    send(Ledger.COMMIT);
    if (created) {
      LOG.info("{}: made the ledger in schema {}", host.platform(), Ledger.SCHEMA);
    }
  }

  private boolean createOnce() throws SQLException, StoreException {
    send(LOCK);
    if (asks(EXISTS)) {
      return false;
    }
    try {
      send(Ledger.ddl());
      return true;
    } catch (SQLException e) {
      if (!"42501".equals(e.getSQLState())) {
        throw e;
      }
      throw new StoreException(
          Failure.ENVIRONMENT,
          "42501",
          "the ledger is missing and this role may not create it; run once as the owner of the database:\n"
              + Ledger.ddl(),
          null);
    }
  }

  private void check() throws SQLException, StoreException {
    StringBuilder missing = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(MISSING_RIGHTS)) {
      while (rows.next()) {
        missing.append(" %s on %s;".formatted(rows.getString(2), rows.getString(1)));
      }
    }
    if (!missing.isEmpty()) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          "42501",
          "this role lacks rights on the ledger, grant it:" + missing,
          null);
    }
    checkVersion();
  }

  private void checkVersion() throws SQLException, StoreException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT max(version) FROM rananeeti.version")) {
      row.next();
      if (row.getInt(1) != Ledger.VERSION) {
        throw new StoreException(
            Failure.ENVIRONMENT,
            Ledger.UNKNOWN_VERSION,
            "the ledger has version %d, this platform speaks %d: upgrade the older of the two"
                .formatted(row.getInt(1), Ledger.VERSION),
            null);
      }
    }
  }

  private Set<UUID> unknown(Set<UUID> known) throws SQLException {
    Set<UUID> unknown = new TreeSet<>(known);
    try (PreparedStatement statement = connection.prepareStatement(KNOWN)) {
      statement.setArray(1, connection.createArrayOf("uuid", known.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          unknown.remove(rows.getObject(1, UUID.class));
        }
      }
    }
    return unknown;
  }

  private void add(UUID incarnation) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
      statement.setObject(1, incarnation);
      statement.setString(2, host.platform());
      statement.setObject(3, host.logId());
      statement.executeUpdate();
    }
  }

  private void seen() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SEEN)) {
      statement.setObject(1, host.logId());
      statement.executeUpdate();
    }
  }

  private boolean asks(String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private void send(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
