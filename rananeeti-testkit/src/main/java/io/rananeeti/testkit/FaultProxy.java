package io.rananeeti.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy on 127.0.0.1 in front of a PostgreSQL server, that breaks connections where it hurts.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.inFrontOf(server)) {
 *   Fault fault = proxy.on(Message.commit()).loseReply();
 *   ... // a transaction through proxy.url(): committed, but the client cannot know
 *   fault.awaitDelivered(Duration.ofSeconds(10));
 * }
 * }</pre>
 *
 * <p>Verbs of the whole proxy: {@link #pass()} (as at the beginning), {@link #hang()}, {@link
 * #refuse()}, {@link #delay(Duration, Duration)}, {@link #reset()}. Faults at chosen messages:
 * {@link #on(Message)}.
 *
 * <p>It understands what clients send (start-up, simple and extended queries, statements prepared
 * long ago) and answers requests for encryption with "no", because it could read nothing otherwise:
 * a client that insists on TLS fails. Cancel requests are forwarded. While the server is down, a
 * client's connection is reset.
 *
 * <p>Thread-safe. Two daemon threads a connection.
 */
public final class FaultProxy implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FaultProxy.class);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final InetAddress address;
  private final String host;
  private final String database;
  private final boolean passesEncryption;
  private final ExecutorService executor = Executors.newCachedThreadPool(FaultProxy::daemon);
  private final ProxyGate gate = new ProxyGate();
  private final Traffic traffic = new Traffic();
  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private final LongAdder accepted = new LongAdder();

  /** Guards the listener and the end. */
  private final ReentrantLock lock = new ReentrantLock();

  private final int port;
  private volatile int serverPort;
  private ProxyListener listener;
  private boolean closed;

  private FaultProxy(String host, int serverPort, String database) {
    this.address = LoopbackPort.address();
    this.host = host;
    this.serverPort = serverPort;
    this.database = database;
    this.passesEncryption = false;
    this.listener = ProxyListener.onSomePort(executor, this::take);
    this.port = listener.port();
  }

  private FaultProxy(InetSocketAddress listensOn, int serverPort) {
    this.address = listensOn.getAddress();
    this.host = LoopbackPort.address().getHostAddress();
    this.serverPort = serverPort;
    this.database = "postgres";
    this.passesEncryption = true;
    this.listener = ProxyListener.on(listensOn, executor, this::take);
    this.port = listener.port();
  }

  /** Starts a proxy in front of that server, which may be down. */
  public static FaultProxy inFrontOf(PostgresServer server) {
    return new FaultProxy(server.host(), server.port(), server.database());
  }

  /**
   * Starts a proxy in front of a server, which may be down, with {@code postgres} as the database
   * of {@link #url()}.
   */
  public static FaultProxy inFrontOf(String host, int port) {
    return new FaultProxy(host, port, "postgres");
  }

  /**
   * Starts a proxy on an address of this machine in front of a server of 127.0.0.1. It lets TLS
   * through: of such connections it sees bytes only, so faults at messages don't strike there.
   */
  static FaultProxy on(InetSocketAddress address, int serverPort) {
    return new FaultProxy(address, serverPort);
  }

  /** Sends connections to that server from now on; those that exist stay where they are. */
  void leadTo(int port) {
    serverPort = port;
  }

  /** Returns the port of 127.0.0.1 on which clients are taken. */
  public int port() {
    return port;
  }

  /** Returns the JDBC URL of the server's default database through this proxy. */
  public String url() {
    return url(database);
  }

  /** Returns the JDBC URL of a database through this proxy. */
  public String url(String name) {
    return "jdbc:postgresql://" + address.getHostAddress() + ":" + port + "/" + name;
  }

  /**
   * Forwards all again, without delay: ends {@link #hang()}, {@link #refuse()} and delays. What was
   * held goes on.
   */
  public void pass() {
    gate.delay(Duration.ZERO, Duration.ZERO);
    gate.hang(false);
    listen();
  }

  /**
   * Takes connections and bytes, and forwards nothing in either direction until {@link #pass()}.
   * Nothing is lost.
   */
  public void hang() {
    gate.hang(true);
    listen();
  }

  /**
   * Refuses new connections (as an ended server does) until {@link #pass()}; those that exist go
   * on.
   */
  public void refuse() {
    locked(() -> listener.close());
  }

  /**
   * Resets every connection now; new ones are taken. A request that a fault delivers late is still
   * delivered.
   */
  public void reset() {
    resetWhere(connection -> true);
  }

  /**
   * Resets the connection from this local port of a client.
   *
   * @return whether there was one
   */
  public boolean resetConnectionFrom(int clientPort) {
    return resetWhere(connection -> connection.clientPort() == clientPort);
  }

  /**
   * Resets the connection that this backend serves, by what {@code pg_backend_pid()} and pgjdbc's
   * {@code getBackendPID()} tell.
   *
   * @return whether there was one
   */
  public boolean resetBackend(int backendPid) {
    return resetWhere(connection -> connection.link().backendPid() == backendPid);
  }

  private boolean resetWhere(Predicate<ProxyConnection> chosen) {
    List<ProxyConnection> struck =
        connections.stream()
            .filter(connection -> !connection.isClientGone())
            .filter(chosen)
            .toList();
    struck.forEach(ProxyConnection::end);
    return !struck.isEmpty();
  }

  /**
   * Holds back each request, and the beginning of each reply, for these durations from now on. Not
   * negative; the default is zero. Replies to requests that were sent without waiting are held back
   * one after another.
   */
  public void delay(Duration toServer, Duration toClient) {
    if (toServer.isNegative() || toClient.isNegative()) {
      throw new IllegalArgumentException("a delay is negative: " + toServer + ", " + toClient);
    }
    gate.delay(toServer, toClient);
  }

  /** Chooses the moment for a fault, which is set up by the verb that follows. */
  public FaultPoint on(Message message) {
    return new FaultPoint(message, faults::add, gate::wake);
  }

  /** Returns the connections that are open now, on both sides. */
  public List<Link> connections() {
    return connections.stream().filter(ProxyConnection::isOpen).map(ProxyConnection::link).toList();
  }

  /** Returns how many connections were taken so far. */
  public long accepted() {
    return accepted.sum();
  }

  /**
   * Returns how many such messages clients have sent so far, whatever became of them.
   *
   * @throws IllegalArgumentException for {@link Message#carrying(String)}: contents are not kept
   * @throws IllegalStateException if more than 10,000 different SQL texts have passed, as they do
   *     where values are written into the SQL
   */
  public long count(Message message) {
    return traffic.count(message);
  }

  /**
   * Returns how many round trips clients have asked for so far: Query, Sync and FunctionCall.
   * Logins do not count.
   */
  public long roundTrips() {
    return traffic.roundTrips();
  }

  /** Ends the proxy: resets every connection and drops what was held. The server is left alone. */
  @Override
  public void close() {
    locked(
        () -> {
          closed = true;
          listener.close();
        });
    executor.shutdown();
    connections.forEach(ProxyConnection::end);
    executor.shutdownNow();
    awaitThreads();
  }

  private void awaitThreads() {
    try {
      if (!executor.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TestkitException(
            "threads of the proxy on port " + port + " do not end within " + CLOSE_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen() {
    locked(
        () -> {
          if (closed) {
            throw new IllegalStateException("the proxy on port " + port + " is closed");
          }
          if (listener.isClosed()) {
            listener = ProxyListener.on(new InetSocketAddress(address, port), executor, this::take);
          }
        });
  }

  private void take(Socket client) {
    accepted.increment();
    ProxyConnection connection = new ProxyConnection(this, client);
    connections.add(connection);
    try {
      serve("requests-" + client.getPort(), connection::serveClient);
    } catch (IOException e) {
      log.debug("client port {} is not served: {}", client.getPort(), e.toString());
      connection.end();
      forget(connection);
    }
  }

  /** Runs one side of a connection in a thread of that name. Fails if the proxy is closed. */
  void serve(String name, Runnable side) throws IOException {
    try {
      executor.execute(named(name, side));
    } catch (RejectedExecutionException e) {
      throw new IOException("the proxy is closed", e);
    }
  }

  private static Runnable named(String name, Runnable task) {
    return () -> {
      Thread.currentThread().setName("rananeeti-proxy-" + name);
      task.run();
    };
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "rananeeti-proxy");
    thread.setDaemon(true);
    return thread;
  }

  /** Resolved anew for each connection. */
  InetSocketAddress server() {
    return new InetSocketAddress(host, serverPort);
  }

  boolean passesEncryption() {
    return passesEncryption;
  }

  ProxyGate gate() {
    return gate;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Lets all faults look at a request before its messages are asked for one by one. */
  void announce(ProxyConnection connection, List<FrontendMessage> request) {
    faults.removeIf(Fault::isSpent);
    faults.forEach(fault -> fault.sees(connection, request));
  }

  /** Returns the fault that strikes at this message, and takes one of its times. */
  @Nullable Fault faultAt(ProxyConnection connection, FrontendMessage message) {
    return faults.stream()
        .filter(fault -> fault.strikes(connection, message))
        .findFirst()
        .orElse(null);
  }

  void forget(ProxyConnection connection) {
    connections.remove(connection);
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A connection through the proxy.
   *
   * @param clientPort the local port of the client
   * @param serverSidePort the local port of the proxy towards the server, which {@code
   *     inet_client_port()} tells
   * @param backendPid the process id of the backend, which {@code pg_backend_pid()} tells; 0 until
   *     the server told it
   */
  public record Link(int clientPort, int serverSidePort, int backendPid) {}
}
