package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Several cafes on one database and one shared log.
 *
 * <p>The order's number keeps the table free of doubles, so it can't show them: a trigger notes
 * each insertion, the vain ones too, in the same transaction. What is applied twice is noted twice.
 */
final class CafeNodes implements AutoCloseable {

  private static final String[] NOTES = {
    """
    CREATE TABLE cafe.notes (
      n bigserial PRIMARY KEY,
      message varchar(200),
      at timestamptz DEFAULT clock_timestamp(),
      backend integer DEFAULT pg_backend_pid())""",
    """
    CREATE FUNCTION cafe.note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO cafe.notes (message) VALUES (NEW.ordrtxt);
      RETURN NEW;
    END $$""",
    "CREATE TRIGGER note BEFORE INSERT ON cafe.ordersraw FOR EACH ROW EXECUTE FUNCTION cafe.note()"
  };

  private final PostgresServer database;
  private final Path directory;
  private final List<CafeNode> nodes = new ArrayList<>();
  private final Map<Path, Long> heard = new HashMap<>();

  /**
   * How the nodes share their logs.
   *
   * @param dynamo where DynamoDB is
   * @param leaseSeconds how long a node may be silent
   * @param durability by its name
   */
  record Sharing(URI dynamo, int leaseSeconds, String durability) {

    private Map<String, String> environment() {
      return Map.of(
          "CAFE_SHARED_LOG", "cafe_log",
          "CAFE_DYNAMODB_ENDPOINT", dynamo.toString(),
          "CAFE_REGION", "us-east-1",
          "CAFE_NODE_LEASE", Integer.toString(leaseSeconds),
          "CAFE_SHARED_DURABILITY", durability,
          "AWS_ACCESS_KEY_ID", "cafe",
          "AWS_SECRET_ACCESS_KEY", "cafe");
    }
  }

  /** Starts the database, not the nodes. */
  CafeNodes(Path directory, int count, Sharing sharing) throws SQLException {
    this.directory = directory;
    database = PostgresServer.builder().directory(directory.resolve("postgres")).start();
    database.execute(Schema.DDL.toArray(String[]::new));
    database.execute(NOTES);
    Map<String, String> environment = new HashMap<>(sharing.environment());
    environment.put("CAFE_DATABASE_URL", database.url());
    environment.put("CAFE_DATABASE_USER", database.user());
    environment.put("CAFE_DATABASE_PASSWORD", database.password());
    // Several JVMs on few cores: quick to start, and small.
    environment.put(
        "JAVA_TOOL_OPTIONS",
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx256m "
            + System.getProperty("cafe.nodes.jvm", ""));
    for (int node = 1; node <= count; node++) {
      nodes.add(new CafeNode("node" + node, directory, environment));
    }
  }

  PostgresServer database() {
    return database;
  }

  List<CafeNode> all() {
    return nodes;
  }

  /** Starts those that do not run, side by side, lets those go on that are paused. */
  void startAll() throws Exception {
    List<Callable<Void>> starts = new ArrayList<>();
    for (CafeNode node : nodes) {
      starts.add(
          () -> {
            node.resume();
            node.start();
            return null;
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(starts.size());
    try {
      for (Future<Void> start : threads.invokeAll(starts)) {
        start.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Waits until all are up with nothing that waits. */
  void awaitDrained() throws Exception {
    for (CafeNode node : nodes) {
      node.cafe().awaitDrained();
    }
  }

  /**
   * An insertion that was committed.
   *
   * @param message of the order
   * @param at when it was made
   * @param backend by which of the database's processes
   */
  record Note(String message, Instant at, int backend) {}

  /** All of them, in their order. */
  List<Note> notes() throws SQLException {
    try (Connection connection = database.connect()) {
      return notes(connection);
    }
  }

  static List<Note> notes(Connection connection) throws SQLException {
    List<Note> notes = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT message, at, backend FROM cafe.notes ORDER BY n")) {
      while (rows.next()) {
        notes.add(new Note(rows.getString(1), rows.getTimestamp(2).toInstant(), rows.getInt(3)));
      }
    }
    return notes;
  }

  /** Forgets the orders of the last run, and what the nodes have said. */
  void clear() throws Exception {
    database.execute("TRUNCATE cafe.notes, cafe.ordersraw");
    for (Path output : outputs()) {
      heard.put(output, Files.size(output));
    }
  }

  /** The lines with this text that nodes have written since, those that died among them. */
  List<String> said(String text) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path output : outputs()) {
      byte[] all = Files.readAllBytes(output);
      int from = heard.getOrDefault(output, 0L).intValue();
      String since = new String(all, from, all.length - from, StandardCharsets.UTF_8);
      since.lines().filter(line -> line.contains(text)).forEach(lines::add);
    }
    lines.sort(null); // By time.
    return lines;
  }

  private List<Path> outputs() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".out")).toList();
    }
  }

  @Override
  public void close() {
    nodes.forEach(CafeNode::close);
    database.close();
  }
}
