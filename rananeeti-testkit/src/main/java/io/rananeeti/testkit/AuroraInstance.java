package io.rananeeti.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One instance: a PostgreSQL server, the proxy at its own address through which clients reach it,
 * and the proxy through which it receives the WAL of its upstream. Both are where its network is
 * cut. It knows how to do things, {@link AuroraEmulator} which to do; its lock guards all.
 */
final class AuroraInstance implements AutoCloseable {

  /** Whether its server runs. A hung one is stopped where it is. */
  enum State {
    UP,
    HUNG,
    DOWN
  }

  /** What a proxy does with connections. */
  enum Passage {
    OPEN,
    SILENT,
    REFUSED
  }

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String STREAMING =
      "select exists (select from pg_stat_replication where state = 'streaming' and application_name = '%s')";
  private static final String RECEIVING =
      "select exists (select from pg_stat_wal_receiver where status = 'streaming')";
  private static final String ON_TIMELINE =
      "select exists (select from pg_stat_wal_receiver where status = 'streaming' and greatest(receive_start_tli, received_tli) = %s)";
  private static final String TIMELINE =
      "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int";

  private final String id;
  private final String region;
  private final String host;
  private final InetAddress address;
  private final Path directory;
  private final PostgresServer server;
  private final FaultProxy clients;
  private final FaultProxy feed;

  State state = State.UP;

  /** Null for a writer, and for who was one. */
  @Nullable AuroraInstance upstream;

  /** Whether the writer of its region waits for it at each COMMIT, or may be told to. */
  boolean inSync;

  /** Whether its region was given up by a failover, so that it lives on by what it knows. */
  boolean detached;

  /** Since when nobody hears from it. */
  @Nullable Instant silentSince;

  /** The standbys that this one waits for, if it is a writer. */
  List<String> waitsFor = List.of();

  /** Where the WAL of a writer that was promoted parts from that of its predecessor. */
  private long parting = Long.MAX_VALUE;

  /** Whether it has ever streamed from its upstream. */
  private boolean hasStreamed;

  private Passage clientPassage = Passage.OPEN;
  private Passage feedPassage = Passage.REFUSED;

  /** Where it lives, and how it is called. */
  record Place(String id, String region, String host, InetSocketAddress address, Path directory) {}

  /** Starts a writer, or a reader of an upstream that runs, on the data that lie in its place. */
  static AuroraInstance start(
      Place place, @Nullable AuroraInstance upstream, Path binaries, Map<String, String> settings) {
    FaultProxy feed = FaultProxy.inFrontOf(LoopbackPort.address().getHostAddress(), 1);
    feed.refuse();
    AuroraInstance instance = null;
    try {
      Path data = place.directory().resolve("data");
      configure(place, feed.port(), List.of());
      if (upstream != null) {
        Files.createFile(data.resolve("standby.signal"));
        upstream.makeSlot(place.id());
      }
      PostgresServer.Builder builder =
          PostgresServer.builder()
              .directory(place.directory())
              .binaries(binaries)
              .setting("cluster_name", place.id());
      settings.forEach(builder::setting);
      instance = new AuroraInstance(place, feed, builder.start());
      return instance;
    } catch (IOException e) {
      throw new TestkitException("cannot prepare " + place.directory() + ": " + e, e);
    } finally {
      if (instance == null) {
        feed.close();
      }
    }
  }

  private AuroraInstance(Place place, FaultProxy feed, PostgresServer server) {
    this.id = place.id();
    this.region = place.region();
    this.host = place.host();
    this.address = place.address().getAddress();
    this.directory = place.directory();
    this.server = server;
    this.feed = feed;
    this.clients = FaultProxy.on(place.address(), server.port());
  }

  String id() {
    return id;
  }

  String region() {
    return region;
  }

  String host() {
    return host;
  }

  InetAddress address() {
    return address;
  }

  PostgresServer server() {
    return server;
  }

  FaultProxy clients() {
    return clients;
  }

  boolean isUp() {
    return state == State.UP;
  }

  private Path data() {
    return directory.resolve("data");
  }

  /** Written as the whole of what a running server may change of its settings. */
  private static void configure(Place place, int feedPort, List<String> waitsFor)
      throws IOException {
    String password = Files.readString(place.directory().resolve("password")).strip();
    String names = waitsFor.stream().map("\"%s\""::formatted).collect(Collectors.joining(", "));
    String sync = waitsFor.isEmpty() ? "" : "FIRST %d (%s)".formatted(waitsFor.size(), names);
    String upstream =
        "host=127.0.0.1 port=%d user=%s password=%s application_name=%s sslmode=disable"
            .formatted(feedPort, EmbeddedPostgres.USER, password, place.id());
    replace(
        place.directory().resolve("data/postgresql.auto.conf"),
        """
        primary_conninfo = '%s'
        primary_slot_name = '%s'
        synchronous_standby_names = '%s'
        """
            .formatted(upstream, slot(place.id()), sync));
  }

  private static void replace(Path file, String content) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(draft, content);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Lets COMMIT wait for these readers from now on, and for no others. It is the checkpointer that
   * lets it, and a checkpoint is what tells that it has read the settings.
   */
  void waitFor(List<String> readers) {
    waitsFor = List.copyOf(readers);
    configure();
    if (isUp()) {
      String names = "select current_setting('synchronous_standby_names')";
      String expected = waitsFor.isEmpty() ? "" : waitsFor.get(waitsFor.size() - 1);
      execute("select pg_reload_conf()");
      await(
          () -> {
            String now = query(names);
            return waitsFor.isEmpty()
                ? now.isEmpty()
                : now.contains(expected) && count(now) == waitsFor.size();
          },
          "does not take its settings");
      if (!waitsFor.isEmpty()) {
        execute("checkpoint");
      }
    }
  }

  private static long count(String names) {
    return names.chars().filter(letter -> letter == '"').count() / 2;
  }

  private void configure() {
    try {
      configure(
          new Place(id, region, host, new InetSocketAddress(address, clients.port()), directory),
          feed.port(),
          waitsFor);
    } catch (IOException e) {
      throw new TestkitException("cannot write the settings of " + id + ": " + e, e);
    }
  }

  private static String slot(String id) {
    return id.replace('-', '_');
  }

  /** The slot says how far that standby is; it begins to say so when the standby connects. */
  void makeSlot(String standby) {
    execute(
        "select pg_create_physical_replication_slot('%1$s') where not exists (select from pg_replication_slots where slot_name = '%1$s')"
            .formatted(slot(standby)));
  }

  /** Receives from that instance from now on. Does not wait until it does. */
  void follow(AuroraInstance writer) {
    writer.makeSlot(id);
    upstream = writer;
    inSync = false;
    hasStreamed = false;
    feed.leadTo(writer.server.port());
    feed.reset();
  }

  /**
   * Waits until it streams.
   *
   * @return false if it can't, because it has replayed more than the upstream had when it was
   *     promoted
   */
  boolean awaitStreaming() {
    AuroraInstance writer = upstream;
    if (writer == null) {
      throw new IllegalStateException(id + " has no upstream");
    }
    String onTimeline = ON_TIMELINE.formatted(writer.query(TIMELINE));
    boolean[] astray = new boolean[1];
    await(
        () -> {
          boolean streams = writer.isTrue(STREAMING.formatted(id)) && isTrue(onTimeline);
          hasStreamed |= streams;
          astray[0] = !hasStreamed && replayed() > writer.parting;
          return streams || astray[0];
        },
        "does not stream from " + writer);
    return !astray[0];
  }

  private long replayed() {
    return Long.parseLong(query("select (pg_last_wal_replay_lsn() - '0/0')::bigint"));
  }

  /** Takes in what has arrived, and nothing more. */
  void stopReceiving() {
    feedTo(Passage.REFUSED);
    if (isUp()) {
      await(() -> !isTrue(RECEIVING), "receives although its feed is cut");
    }
  }

  /** Returns how much of the WAL it has. */
  long position() {
    return Long.parseLong(query("select pg_catalog.aurora_emulator_lsn()"));
  }

  void awaitPosition(long written) {
    await(() -> position() >= written, "does not receive");
  }

  /** Becomes a writer, with all that it has received. */
  void promote() {
    execute("select pg_promote(true, 60)");
    await(() -> !isTrue("select pg_is_in_recovery()"), "is not promoted");
    upstream = null;
    inSync = false;
    parting = forkedAt();
  }

  /** The last line of a timeline's history names the one it left, and where. */
  private long forkedAt() {
    try (Stream<Path> files = Files.list(data().resolve("pg_wal"))) {
      Path history =
          files
              .filter(file -> file.toString().endsWith(".history"))
              .max(Path::compareTo)
              .orElseThrow(() -> new TestkitException(id + " has no timeline of its own"));
      List<String> lines =
          Files.readAllLines(history).stream().filter(line -> !line.isBlank()).toList();
      String[] lsn = lines.get(lines.size() - 1).split("\\s+", -1)[1].split("/", -1);
      return (Long.parseLong(lsn[0], 16) << 32) + Long.parseLong(lsn[1], 16);
    } catch (IOException e) {
      throw new TestkitException("cannot read the timelines of " + id + ": " + e, e);
    }
  }

  /** Starts the server on its data as they are. */
  void start() {
    server.start();
    state = State.UP;
    silentSince = detached ? silentSince : null;
  }

  /** Starts as a reader on the data of a writer that was shut down in order. */
  void startAsReaderOf(AuroraInstance writer) {
    try {
      Files.createFile(data().resolve("standby.signal"));
    } catch (IOException e) {
      throw new TestkitException("cannot make a standby of " + id + ": " + e, e);
    }
    waitsFor = List.of();
    configure();
    follow(writer);
    start();
  }

  void kill() {
    silent();
    state = State.DOWN;
    server.kill();
  }

  void stop() {
    silent();
    server.stop();
    state = State.DOWN;
  }

  void hang() {
    silent();
    server.pause();
    state = State.HUNG;
  }

  void resume() {
    server.resume();
    state = State.UP;
    silentSince = detached ? silentSince : null;
  }

  /** Nobody hears from it from now on. */
  void silent() {
    silentSince = silentSince == null ? Instant.now() : silentSince;
  }

  /** Throws its data away and takes those of the writer. */
  void rebuildFrom(AuroraInstance writer) {
    kill();
    try (Connection connection = writer.connect()) {
      PrivateDirectory.delete(data());
      DataDirectory.backUp(connection, writer.data(), data());
    } catch (IOException | SQLException e) {
      throw new TestkitException("cannot copy " + writer.id + " to " + id + ": " + e, e);
    }
    feedTo(Passage.OPEN);
    startAsReaderOf(writer);
  }

  /** Replaces what the server says of the cluster. */
  void publish(String topology) {
    try {
      replace(data().resolve("aurora_topology.json"), topology);
    } catch (IOException e) {
      throw new TestkitException("cannot write the topology of " + id + ": " + e, e);
    }
  }

  void clientsTo(Passage passage) {
    if (clientPassage != passage) {
      set(clients, passage);
      clientPassage = passage;
    }
  }

  void feedTo(Passage passage) {
    if (feedPassage != passage) {
      if (passage == Passage.REFUSED) {
        drop();
      }
      set(feed, passage);
      feedPassage = passage;
    }
  }

  /** What a silent feed holds must not arrive when the silence ends. */
  private void drop() {
    feed.refuse();
    feed.reset();
  }

  Passage feedPassage() {
    return feedPassage;
  }

  private static void set(FaultProxy proxy, Passage passage) {
    switch (passage) {
      case OPEN -> proxy.pass();
      case SILENT -> proxy.hang();
      case REFUSED -> {
        proxy.gate().hang(false);
        proxy.refuse();
      }
    }
  }

  /** Opens a connection past all proxies, and without TLS. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        server.url() + "?sslmode=disable", server.user(), server.password());
  }

  boolean isTrue(String sql) {
    return query(sql).equals("t");
  }

  String query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    } catch (SQLException e) {
      throw new TestkitException(id + " does not answer " + sql + ": " + e.getMessage(), e);
    }
  }

  private void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new TestkitException(id + " cannot do " + sql + ": " + e.getMessage(), e);
    }
  }

  /** One that does not answer a question is asked again. */
  private void await(BooleanSupplier condition, String failure) {
    if (!Await.until(() -> holds(condition), LIMIT)) {
      throw new TestkitException(
          "%s %s within %s: see %s".formatted(id, failure, LIMIT, directory.resolve("server.log")));
    }
  }

  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (TestkitException e) {
      if (e.getCause() instanceof SQLException) {
        return false;
      }
      throw e;
    }
  }

  /** Ends the proxies. The server ends with the directory. */
  @Override
  public void close() {
    clients.close();
    feed.close();
  }

  @Override
  public String toString() {
    return id;
  }
}
