package io.rananeeti.testkit;

import io.rananeeti.TransactionId;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.TailCheck;
import io.rananeeti.store.Writer;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The look at a writer of an {@link InMemoryDatabase}, ended when its session is. */
final class InMemoryTailCheck implements TailCheck {

  private final InMemoryDatabase database;
  private final InMemorySession session;
  private final InMemorySequences.Server server;
  private final Writer writer;

  InMemoryTailCheck(
      InMemoryDatabase database, InMemorySession session, InMemorySequences.Server server) {
    this.database = database;
    this.session = session;
    this.server = server;
    this.writer = database.asWriter();
  }

  @Override
  public Writer writer() {
    return writer;
  }

  @Override
  public Set<TransactionId> lacking(Collection<TransactionId> ids) throws StoreException {
    Set<TransactionId> lacking = new HashSet<>();
    server.run(
        () -> {
          checkSame();
          lacking.addAll(database.rowsOfTheLedger().lacking(ids));
        });
    return lacking;
  }

  @Override
  public Set<TransactionId> notApplied(Collection<TransactionId> ids) throws StoreException {
    Set<TransactionId> lacking = new HashSet<>();
    server.run(
        () -> {
          checkSame();
          lacking.addAll(database.rowsOfTheLedger().notApplied(ids));
        });
    return lacking;
  }

  @Override
  public long raise(long above, TransactionId recovery) throws StoreException {
    AtomicLong raised = new AtomicLong();
    server.run(
        () -> {
          checkSame();
          raised.set(database.rowsOfTheLedger().raise(above, recovery));
        });
    return raised.get();
  }

  private void checkSame() throws SQLException {
    if (session.isClosed() || !session.writer().equals(database.writer())) {
      throw new SQLException("the connection is broken", "08006");
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
