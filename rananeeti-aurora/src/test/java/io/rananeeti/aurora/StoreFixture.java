package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Claim;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.LedgerTransaction;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.StoreException;
import io.rananeeti.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A real server for the class, and for each test a store of a log that nobody has seen. */
abstract class StoreFixture {

  static final Duration LONG = Duration.ofSeconds(30);

  private static @Nullable PostgresServer server;

  final RecordingHost host = new RecordingHost();
  final AuroraStore store = store("orders", server());
  private final AtomicLong numbers = new AtomicLong();

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.builder().start();
    server()
        .execute(
            "CREATE TABLE orders (id bigint PRIMARY KEY, name text NOT NULL CHECK (name <> ''))",
            "CREATE TABLE slots (slot int, CONSTRAINT one_a_slot UNIQUE (slot) DEFERRABLE INITIALLY DEFERRED)");
  }

  @AfterAll
  static void stopServer() {
    server().close();
  }

  static PostgresServer server() {
    return Objects.requireNonNull(server);
  }

  static AuroraStore store(String name, PostgresServer on) {
    return AuroraStore.builder(name)
        .url(on.url())
        .user(on.user())
        .password(on.password())
        .poolSize(4)
        .build();
  }

  @BeforeEach
  void openStore() throws StoreException {
    store.open(host);
    store.register(Set.of(), false);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  TransactionId nextId() {
    return new TransactionId(host.incarnation(), numbers.incrementAndGet());
  }

  Connection connect() throws SQLException {
    return store.connect(LONG);
  }

  /** As another program would connect, or a zombie of ours under our application name. */
  static Connection strange(String applicationName) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", server().user());
    properties.setProperty("password", server().password());
    properties.setProperty("ApplicationName", applicationName);
    Connection connection = DriverManager.getConnection(server().url(), properties);
    connection.setAutoCommit(false);
    return connection;
  }

  String applicationName() {
    return "cafe/orders/" + host.logId().toString().substring(0, 8);
  }

  Claim settle(TransactionId id, Outcome intended) throws StoreException {
    try (LedgerTransaction transaction = store.begin(Isolation.DEFAULT)) {
      Claim claim = transaction.claim(List.of(id), intended).get(0);
      transaction.commit();
      return claim;
    }
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static void onServer(String... sql) throws SQLException {
    server().execute(sql);
  }

  static void apply(LedgerTransaction transaction, Operation... operations) throws StoreException {
    transaction.execute(List.of(operations), Instant.EPOCH);
  }

  static Operation text(String sql, long promised) {
    return new Operation(sql, false, List.of(List.of()), List.of(promised));
  }

  static Operation prepared(String sql, long promised, Parameter... parameters) {
    return new Operation(sql, true, List.of(List.of(parameters)), List.of(promised));
  }

  static @Nullable String ask(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  static @Nullable String ask(String question) throws SQLException {
    try (Connection connection = server().connect()) {
      return ask(connection, question);
    }
  }

  @Nullable String outcome(TransactionId id) throws SQLException {
    return ask(
        "SELECT outcome FROM rananeeti.ledger WHERE incarnation = '%s' AND number = %d"
            .formatted(id.incarnation(), id.number()));
  }

  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is over").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  static void awaitAnswer(String expected, String question) {
    await(
        () -> {
          try {
            return expected.equals(ask(question));
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
