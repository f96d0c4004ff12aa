package io.rananeeti.testkit;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Context;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.testkit.InMemoryDatabase.Step;
import io.rananeeti.testkit.InMemoryTransaction.Change;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The steps of settling on an {@link InMemoryDatabase}. Used by one thread. */
final class InMemoryLedgerTransaction implements LedgerTransaction {

  private static final String GUARD = "rananeeti_guard";

  private final InMemoryDatabase database;
  private final InMemorySession session;
  private final StoreHost host;
  private final UUID log;
  private final Duration intentRetention;

  InMemoryLedgerTransaction(InMemoryDatabase database, InMemorySession session, StoreHost host) {
    this.database = database;
    this.session = session;
    this.host = host;
    this.log = host.logId();
    this.intentRetention = host.intentRetention();
  }

  @Override
  public List<Claim> claim(List<TransactionId> ids, Outcome intended) throws StoreException {
    Map<TransactionId, Claim> claims = new HashMap<>();
    List<TransactionId> ordered = ids.stream().sorted(Comparator.naturalOrder()).toList();
    for (TransactionId id : ordered) {
      claims.put(id, own(open -> database.rowsOfTheLedger().claim(open, id, intended)));
    }
    return ids.stream().map(id -> Objects.requireNonNull(claims.get(id))).toList();
  }

  @Override
  public boolean replace(TransactionId refused) throws StoreException {
    return own(open -> database.rowsOfTheLedger().replace(open, refused));
  }

  @Override
  public Map<String, IntentHolder> intend(Map<TransactionId, Intent> intents)
      throws StoreException {
    Map<String, IntentHolder> holders = new HashMap<>();
    List<Map.Entry<TransactionId, Intent>> ordered =
        intents.entrySet().stream()
            .sorted(Comparator.comparing(entry -> entry.getValue().key()))
            .toList();
    for (Map.Entry<TransactionId, Intent> entry : ordered) {
      Intent intent = entry.getValue();
      Instant now = database.seams().now();
      InMemoryIntent row = InMemoryIntent.of(entry.getKey(), intent, now.plus(intentRetention));
      holders.put(
          intent.key(),
          own(open -> database.rowsOfTheLedger().intend(open, intent.key(), row, now)));
    }
    return holders;
  }

  @Override
  public @Nullable IntentHolder holder(String intentKey) throws StoreException {
    Instant now = database.seams().now();
    return own(open -> Optional.ofNullable(database.rowsOfTheLedger().holder(open, intentKey, now)))
        .orElse(null);
  }

  @Override
  public void duplicate(TransactionId claimed, TransactionId first) throws StoreException {
    doOwn(
        open -> {
          database.rowsOfTheLedger().duplicate(open, claimed, first);
        });
  }

  @Override
  public void guard() throws StoreException {
    doOwn(
        open -> {
          open.savepoint(GUARD);
        });
  }

  @Override
  public void enter(Context context) throws StoreException {
    doApplications(
        open -> {
          open.settings().putAll(context.settings());
          open.settings().put("transaction_isolation", context.isolation().name());
        });
  }

  @Override
  public void execute(List<Operation> operations, Instant acceptedAt) throws StoreException {
    doApplications(
        open -> {
          open.settings().put("rananeeti.accepted_at", acceptedAt.toString());
        });
    try {
      InMemoryOperations.run(session, operations, host);
    } catch (StoreException e) {
      throw endingZombies(e);
    }
  }

  @Override
  public void release() throws StoreException {
    doApplications(
        open -> {
          for (Change change : open.changes()) {
            if (change.row() != null) {
              database.faults().checkDeferred(change.row());
            }
          }
          open.release(GUARD);
        });
  }

  @Override
  public void retreat() throws StoreException {
    doOwn(
        open -> {
          open.rollbackTo(GUARD);
        });
  }

  @Override
  public void refuse(TransactionId claimed, Refusal refusal) throws StoreException {
    doOwn(
        open -> {
          database.rowsOfTheLedger().refuse(open, claimed, refusal);
        });
  }

  @Override
  public void commit() throws StoreException {
    try {
      session.commit(Step.SETTLE, null);
    } catch (SQLException e) {
      throw failed(e, InMemoryErrors.classify(e));
    }
  }

  @Override
  public void close() {
    session.close();
  }

  /** What is done within the transaction. */
  @FunctionalInterface
  private interface Work<T> {
    T run(InMemoryTransaction open) throws SQLException, StoreException;
  }

  /** What is done within the transaction and answers nothing. */
  @FunctionalInterface
  private interface Action {
    void run(InMemoryTransaction open) throws SQLException, StoreException;
  }

  private void doOwn(Action action) throws StoreException {
    own(answering(action));
  }

  private void doApplications(Action action) throws StoreException {
    try {
      on(Step.STATEMENT, answering(action));
    } catch (SQLException e) {
      throw failed(e, InMemoryErrors.classify(e));
    }
  }

  private static Work<Boolean> answering(Action action) {
    return open -> {
      action.run(open);
      return true;
    };
  }

  private <T> T own(Work<T> work) throws StoreException {
    try {
      return on(Step.LEDGER, work);
    } catch (SQLException e) {
      throw failed(e, InMemoryErrors.classifyOwn(e));
    }
  }

  private <T> T on(Step step, Work<T> work) throws SQLException {
    return session.on(
        step,
        open -> {
          try {
            return work.run(open);
          } catch (StoreException e) {
            throw new SQLException(e.getMessage(), e.sqlState(), e);
          }
        });
  }

  private StoreException failed(SQLException failure, Failure meaning) {
    if (failure.getCause() instanceof StoreException inner) {
      return inner;
    }
    return endingZombies(InMemoryErrors.exception(failure, meaning));
  }

  /** Whoever holds a lock that is waited for may be what a broken connection left (S4). */
  private StoreException endingZombies(StoreException failure) {
    if (failure.sqlState().equals("55P03")) {
      database.waiter().lock();
      try {
        database.endLate(log);
      } finally {
        database.waiter().unlock();
      }
    }
    return failure;
  }
}
