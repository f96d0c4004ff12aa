package io.rananeeti.testkit;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockingDetails;
import static org.mockito.Mockito.when;
import static org.mockito.Mockito.withSettings;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Store;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mockito.MockMakers;
import org.mockito.invocation.Invocation;

/** A store whose driver answers nothing of its own and remembers what it was asked. */
final class MockedDriver implements Store {

  Connection connection = mocked(Connection.class);
  Statement statement = mocked(Statement.class);
  PreparedStatement prepared = mocked(PreparedStatement.class);
  CallableStatement callable = mocked(CallableStatement.class);
  DatabaseMetaData metaData = mocked(DatabaseMetaData.class);
  ResultSet rows = mocked(ResultSet.class);
  private boolean autoCommits;

  /** Forgets everything. */
  void renew() throws SQLException {
    connection = mocked(Connection.class);
    statement = mocked(Statement.class);
    prepared = mocked(PreparedStatement.class);
    callable = mocked(CallableStatement.class);
    metaData = mocked(DatabaseMetaData.class);
    rows = mocked(ResultSet.class);
    autoCommits = true;
    when(connection.getAutoCommit()).thenAnswer(asked -> autoCommits);
    doAnswer(asked -> autoCommits = asked.getArgument(0))
        .when(connection)
        .setAutoCommit(anyBoolean());
    when(connection.getMetaData()).thenReturn(metaData);
    statements();
    for (Wrapper each : List.of(connection, statement, prepared, callable, metaData, rows)) {
      when(each.isWrapperFor(Comparable.class)).thenReturn(true);
      when(each.unwrap(Comparable.class)).thenReturn("the driver's");
    }
    when(rows.getStatement()).thenReturn(statement);
    when(rows.getConcurrency()).thenReturn(ResultSet.CONCUR_UPDATABLE);
    for (Statement each : List.of(statement, prepared, callable)) {
      when(each.getResultSet()).thenReturn(rows);
      when(each.executeQuery(anyString())).thenReturn(rows);
      when(each.getGeneratedKeys()).thenReturn(rows);
      when(each.getConnection()).thenReturn(connection);
    }
  }

  private void statements() throws SQLException {
    when(connection.createStatement()).thenReturn(statement);
    when(connection.createStatement(anyInt(), anyInt())).thenReturn(statement);
    when(connection.createStatement(anyInt(), anyInt(), anyInt())).thenReturn(statement);
    when(connection.prepareStatement(anyString())).thenReturn(prepared);
    when(connection.prepareStatement(anyString(), anyInt())).thenReturn(prepared);
    when(connection.prepareStatement(anyString(), any(int[].class))).thenReturn(prepared);
    when(connection.prepareStatement(anyString(), any(String[].class))).thenReturn(prepared);
    when(connection.prepareStatement(anyString(), anyInt(), anyInt())).thenReturn(prepared);
    when(connection.prepareStatement(anyString(), anyInt(), anyInt(), anyInt()))
        .thenReturn(prepared);
    when(connection.prepareCall(anyString())).thenReturn(callable);
    when(connection.prepareCall(anyString(), anyInt(), anyInt())).thenReturn(callable);
    when(connection.prepareCall(anyString(), anyInt(), anyInt(), anyInt())).thenReturn(callable);
  }

  private static <T> T mocked(Class<T> type) {
    return mock(type, withSettings().mockMaker(MockMakers.PROXY));
  }

  /** What the driver's object of this type was asked. */
  Collection<Invocation> asked(Class<?> type) {
    Object found =
        Stream.of(connection, statement, prepared, callable, metaData, rows)
            .filter(each -> List.of(each.getClass().getInterfaces()).contains(type))
            .findFirst()
            .orElseThrow();
    return mockingDetails(found).getInvocations();
  }

  @Override
  public String name() {
    return "orders";
  }

  @Override
  public void open(StoreHost host) {}

  @Override
  public Writer probe(Duration timeout) {
    return new Writer("mocked");
  }

  @Override
  public void register(Set<UUID> known, boolean adopt) {}

  @Override
  public Connection connect(Duration timeout) {
    return connection;
  }

  @Override
  public void enter(Connection physical, Map<String, String> settings) {}

  @Override
  public boolean restore(Connection physical, Set<String> names) {
    return true;
  }

  @Override
  public void execute(Connection physical, List<Operation> operations) {
    throw new IllegalStateException("nothing is run again here");
  }

  @Override
  public void evict(Connection physical) {}

  @Override
  public boolean commit(
      Connection physical, TransactionId id, boolean unproven, @Nullable Intent intent) {
    return true;
  }

  @Override
  public boolean intentTaken(SQLException failure) {
    return false;
  }

  @Override
  public boolean settledOtherwise(SQLException failure) {
    return false;
  }

  @Override
  public LedgerTransaction begin(Isolation isolation) throws StoreException {
    throw new StoreException(Failure.ENVIRONMENT, "55R01", "nothing is settled here", null);
  }

  @Override
  public Failure classify(SQLException failure) {
    return Failure.REFUSED;
  }

  @Override
  public void sever() {}

  @Override
  public void prune(UUID incarnation, long settledBelow, Set<Long> kept) {}

  @Override
  public void expireIntents(Set<String> living) {}

  @Override
  public List<String> warnings() {
    return List.of();
  }

  @Override
  public void close() {}
}
