package io.rananeeti.aurora;

import io.rananeeti.TransactionId;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Set;

/** The look at a writer on a physical connection of its own, which ends with it. */
final class AuroraTailCheck implements TailCheck {

  private final Connection connection;
  private final Session session;
  private final Writer writer;

  AuroraTailCheck(Connection connection, Session session, Writer writer) {
    this.connection = connection;
    this.session = session;
    this.writer = writer;
  }

  @Override
  public Writer writer() {
    return writer;
  }

  @Override
  public Set<TransactionId> lacking(Collection<TransactionId> ids) throws StoreException {
    try {
      return FrontierProof.lacking(connection, ids);
    } catch (SQLException e) {
      throw Wording.exception("look for the tail", Classifier.classifyOwn(e), e);
    }
  }

  @Override
  public Set<TransactionId> notApplied(Collection<TransactionId> ids) throws StoreException {
    try {
      return FrontierProof.notApplied(connection, ids);
    } catch (SQLException e) {
      throw Wording.exception("look for the tail", Classifier.classifyOwn(e), e);
    }
  }

  /** Its commit waits for the disk, and for a standby that commits wait for (C8). */
  @Override
  public long raise(long above, TransactionId recovery) throws StoreException {
    try {
      connection.setAutoCommit(false);
      send("SET LOCAL lock_timeout = '" + Ledger.LOCK_TIMEOUT + "'");
      long raised = raised(above);
      leaveRow(recovery);
      send(Ledger.COMMIT);
      return raised;
    } catch (SQLException e) {
      throw Wording.exception("raise the epoch", Classifier.classifyOwn(e), e);
    }
  }

  private long raised(long above) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Ledger.RAISE)) {
      statement.setLong(1, above);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException(
              "the table rananeeti.epoch is empty: insert a row with epoch 0", "02000");
        }
        return row.getLong(1);
      }
    }
  }

  /** As if it were the row of a transaction that was aborted: nobody ever asks for that one. */
  private void leaveRow(TransactionId recovery) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(Ledger.RECOVERY)) {
      statement.setObject(1, recovery.incarnation());
      statement.setLong(2, recovery.number());
      statement.executeUpdate();
    }
  }

  private void send(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    session.abort();
  }
}
