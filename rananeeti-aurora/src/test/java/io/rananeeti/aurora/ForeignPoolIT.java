package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.rananeeti.UpdateCounts;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.commons.dbcp2.ConnectionFactory;
import org.apache.commons.dbcp2.DataSourceConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Pools of others over the platform's DataSource, with their usual validation, while the database
 * dies under work and comes back: they keep the very connections that they had before, and every
 * row that was acknowledged arrives.
 */
@SuppressWarnings("NullAway") // pools are made by each test
@Tag(DropInFixture.OUTAGE)
class ForeignPoolIT extends DropInFixture {

  private static final int SIZE = 4;
  private static final String QUERY = "SELECT 1";

  /** HikariCP validates no connection that was used within this time; none here. */
  private static final String BYPASS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private final Lender lender = new Lender();
  private final List<String> acknowledged = new ArrayList<>();
  private int next = 1;

  /** As many physical connections as the pool above has, for what keeps them all. */
  private void openWithRoomForAll() {
    platform.close();
    open(SIZE, UpdateCounts.PROMISE_ONE);
    awaitUp();
  }

  @Test
  void hikariKeepsItsConnectionsByIsValid() throws Exception {
    try (HikariDataSource pool = hikari(null)) {
      survivesAnOutage(pool, () -> {});

      assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(SIZE);
    }
  }

  @Test
  void hikariKeepsItsConnectionsByATestQuery() throws Exception {
    try (HikariDataSource pool = hikari(QUERY)) {
      survivesAnOutage(pool, () -> {});

      assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(SIZE);
    }
  }

  @Test
  void dbcpKeepsItsConnectionsByIsValid() throws Exception {
    try (BasicDataSource pool = dbcp(null)) {
      survivesAnOutage(pool, pool::evict);

      assertThat(pool.getNumIdle()).isEqualTo(SIZE);
    }
  }

  @Test
  void dbcpKeepsItsConnectionsByATestQuery() throws Exception {
    try (BasicDataSource pool = dbcp(QUERY)) {
      survivesAnOutage(pool, pool::evict);

      assertThat(pool.getNumIdle()).isEqualTo(SIZE);
    }
  }

  @Test
  void aConnectionThatAnOpenStatementKeptBoundFailedOverANullInAnOutage() throws Exception {
    openWithRoomForAll();
    List<PreparedStatement> all = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      all.add(dataSource.getConnection().prepareStatement(QUERY));
    }
    useThroughout(all);
    server.kill();
    useThroughout(all);
    outage();
    useThroughout(all);
    recover();
    useThroughout(all);
    for (PreparedStatement validation : all) {
      validation.getConnection().close();
    }
    assertAllArrived();
  }

  private void useThroughout(List<PreparedStatement> all) throws SQLException {
    for (PreparedStatement validation : all) {
      Connection connection = validation.getConnection();
      validate(validation);
      insertOn(connection);
      connection.setAutoCommit(false);
      insertOn(connection);
      validate(validation);
      connection.commit();
      connection.setAutoCommit(true);
      validate(validation);
    }
  }

  private static void validate(PreparedStatement validation) throws SQLException {
    validation.setQueryTimeout(5);
    try (ResultSet row = validation.executeQuery()) {
      assertThat(row.next()).isTrue();
    }
  }

  @Test
  void poolsStartInAnOutage() throws Exception {
    outage();

    try (HikariDataSource hikari = hikari(QUERY);
        BasicDataSource dbcp = dbcp(QUERY)) {
      insertIn(hikari);
      insertIn(dbcp);
      recover();
      insertIn(hikari);
      insertIn(dbcp);
    }
    assertAllArrived();
  }

  /** What was accepted because the machine was slow arrives as well. */
  private void assertAllArrived() throws Exception {
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(items()).isEqualTo(acknowledged);
  }

  private void survivesAnOutage(DataSource pool, Check idleCheck) throws Exception {
    fill(pool);
    lender.forgetTheTrial();
    assertThat(lender.lent).hasSize(SIZE);

    try (Connection underWay = pool.getConnection()) {
      underWay.setAutoCommit(false);
      insertOn(underWay);
      server.kill();
      borrowThroughout(pool, idleCheck);
      insertOn(underWay);
      underWay.commit();
    }
    outage();
    borrowThroughout(pool, idleCheck);
    refusedIn(pool);
    recover();
    borrowThroughout(pool, idleCheck);
    fill(pool);

    assertThat(lender.lent).hasSize(SIZE);
    for (Connection connection : lender.lent) {
      assertThat(connection.isClosed()).isFalse();
    }
    assertAllArrived();
  }

  /** Has the pool make all the connections that it may. */
  private void fill(DataSource pool) throws SQLException {
    List<Connection> borrowed = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      Connection connection = pool.getConnection();
      borrowed.add(connection);
      insertOn(connection);
    }
    for (Connection connection : borrowed) {
      connection.close();
    }
  }

  /** More often than the pool has connections, so that it validates each of them. */
  private void borrowThroughout(DataSource pool, Check idleCheck) throws Exception {
    idleCheck.run();
    for (int i = 0; i < 2 * SIZE; i++) {
      insertIn(pool);
    }
    idleCheck.run();
  }

  private void insertIn(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      insertOn(connection);
      connection.setAutoCommit(false);
      insertOn(connection);
      connection.commit();
    }
  }

  private void insertOn(Connection connection) throws SQLException {
    int id = next++;
    insert(connection, id, "n");
    acknowledged.add(id + "=n");
  }

  /** What can't wait is refused, and the pool does not mind. */
  private static void refusedIn(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      assertState("55R01", () -> read(connection, "SELECT name FROM items"));
    }
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      assertState("55R01", () -> read(connection, "SELECT name FROM items"));
    }
  }

  private HikariDataSource hikari(@Nullable String query) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(lender.over(dataSource));
    config.setMaximumPoolSize(SIZE);
    config.setMinimumIdle(0);
    config.setConnectionTestQuery(query);
    config.setConnectionTimeout(STALL.toMillis());
    System.setProperty(BYPASS, "-1");
    try {
      return new HikariDataSource(config);
    } finally {
      System.clearProperty(BYPASS);
    }
  }

  @SuppressWarnings("resource") // the caller closes it
  private BasicDataSource dbcp(@Nullable String query) {
    DataSource source = lender.over(dataSource);
    BasicDataSource pool =
        new BasicDataSource() {
          @Override
          protected ConnectionFactory createConnectionFactory() {
            return new DataSourceConnectionFactory(source);
          }
        };
    pool.setMaxTotal(SIZE);
    pool.setMaxIdle(SIZE);
    pool.setMaxWait(STALL);
    pool.setValidationQuery(query);
    pool.setValidationQueryTimeout(Duration.ofSeconds(5));
    pool.setTestOnCreate(true);
    pool.setTestOnBorrow(true);
    pool.setTestWhileIdle(true);
    pool.setNumTestsPerEvictionRun(SIZE);
    return pool;
  }

  /** What a pool does with idle connections from time to time. */
  @FunctionalInterface
  private interface Check {
    void run() throws Exception;
  }

  /** Remembers the connections that a pool got. */
  private static final class Lender {

    final List<Connection> lent = new CopyOnWriteArrayList<>();

    DataSource over(DataSource source) {
      return (DataSource)
          Proxy.newProxyInstance(
              Lender.class.getClassLoader(),
              new Class<?>[] {DataSource.class},
              (self, method, args) -> remember(call(source, method, args)));
    }

    /** Each pool opens and closes one when it starts. */
    void forgetTheTrial() throws SQLException {
      if (lent.get(0).isClosed()) {
        lent.remove(0);
      }
    }

    private @Nullable Object remember(@Nullable Object answer) {
      if (answer instanceof Connection connection) {
        lent.add(connection);
      }
      return answer;
    }

    private static @Nullable Object call(
        DataSource source, Method method, @Nullable Object @Nullable [] args) throws Throwable {
      try {
        return method.invoke(source, args);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
