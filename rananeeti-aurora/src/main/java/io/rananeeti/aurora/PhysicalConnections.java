package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;

/**
 * Opens the physical connections below the pool. Each proves its writer before the pool gets it
 * (R2); one to another writer than the last is reported to the platform. Thread-safe.
 */
final class PhysicalConnections implements DataSource {

  private final Endpoint endpoint;
  private final String applicationName;
  private final Sessions sessions;
  private final StoreHost host;
  private final FrontierProof frontier;
  private final AtomicReference<@Nullable WriterProof> last = new AtomicReference<>();

  PhysicalConnections(
      Endpoint endpoint, String applicationName, Sessions sessions, StoreHost host) {
    this.endpoint = endpoint;
    this.applicationName = applicationName;
    this.sessions = sessions;
    this.host = host;
    this.frontier = new FrontierProof(host);
  }

  /** One that need not have the frontier, to look at what the writer has; the caller ends it. */
  AuroraTailCheck inspect() throws SQLException, StoreException {
    Physical physical = endpoint.open(applicationName, endpoint.patience());
    Session session = sessions.add(physical);
    boolean whole = false;
    try {
      WriterProof proof = WriterProof.ask(physical.connection(), true);
      if (proof.pid() != session.pid()) {
        throw new StoreException(
            Failure.ENVIRONMENT,
            Ledger.POOLER,
            "transactions can't be kept for other regions behind a pooler of transactions, which hides that the writer is another: connect to the database itself, or leave retain out",
            null);
      }
      whole = true;
      return new AuroraTailCheck(physical.connection(), session, proof.writer());
    } finally {
      if (!whole) {
        session.abort();
      }
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    Physical physical = endpoint.open(applicationName, endpoint.patience());
    Session session = sessions.add(physical);
    PgConnection connection = physical.connection();
    try {
      Frontier before = host.frontier();
      WriterProof proof = WriterProof.ask(connection, host.retains());
      frontier.prove(connection, before, proof.writer());
      observe(proof, session);
      connection.setNetworkTimeout(Runnable::run, endpoint.readTimeoutMillis());
      return connection;
    } catch (SQLException e) {
      session.abort();
      throw e;
    }
  }

  private void observe(WriterProof proof, Session session) {
    session.began(defaults(proof), proof.writer());
    if (proof.pid() != session.pid()) {
      sessions.behindPooler();
    }
    WriterProof before = last.getAndSet(proof);
    Writer writer = proof.writer();
    if (before != null && !before.writer().isSame(writer)) {
      host.writerChanged(writer);
    }
  }

  /** What the newest connection has shown, null before the first. */
  @Nullable WriterProof lastProof() {
    return last.get();
  }

  /** With what sessions begin: as the newest has, or as the next one will. */
  SessionDefaults defaults() {
    WriterProof proof = last.get();
    return proof == null ? SessionDefaults.expected(endpoint) : defaults(proof);
  }

  private SessionDefaults defaults(WriterProof proof) {
    return SessionDefaults.found(endpoint, proof.user(), proof.searchPath(), proof.timeZone());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the store's own user is the only one", "0A000");
  }

  @Override
  public int getLoginTimeout() {
    return (int) endpoint.patience().toSeconds();
  }

  /** Has no effect: the endpoint has its own. */
  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  /** Has no effect: nothing is written there. */
  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("logs by slf4j", "0A000");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException("is no " + type.getName(), "0A000");
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
