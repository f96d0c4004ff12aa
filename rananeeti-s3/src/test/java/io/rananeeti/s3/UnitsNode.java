package io.rananeeti.s3;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.aurora.AuroraStore;
import io.rananeeti.dynamo.DynamoStore;
import io.rananeeti.dynamo.PutItem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * An application in a process of its own, to be killed, which makes units of work across three
 * stores, and says what was acknowledged to it.
 */
final class UnitsNode implements AutoCloseable {

  private static final int THREADS = 3;
  private static final Duration LONGEST_DRAIN = Duration.ofMinutes(5);

  /** Of a thread whose units are only accepted. */
  private static final Duration PACE = Duration.ofMillis(50);

  private final Process process;
  private final Thread reader;
  private final Collection<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final Collection<String> failed = new ConcurrentLinkedQueue<>();
  private volatile boolean drained;

  private UnitsNode(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "node-output");
    reader.start();
  }

  /** Where its stores are, as arguments. */
  record Places(
      String url, String user, String password, URI dynamo, URI s3, String bucket, String key) {

    private List<String> arguments() {
      return List.of(url, user, password, dynamo.toString(), s3.toString(), bucket, key);
    }

    private static Places of(String[] given, int from) {
      return new Places(
          given[from],
          given[from + 1],
          given[from + 2],
          URI.create(given[from + 3]),
          URI.create(given[from + 4]),
          given[from + 5],
          given[from + 6]);
    }
  }

  /** Starts one whose units begin with this name. */
  static UnitsNode start(Places places, Path log, String name) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add"))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(UnitsNode.class.getName(), log.toString(), name));
    command.addAll(places.arguments());
    return new UnitsNode(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        note(line);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void note(String line) {
    if (line.startsWith("ack ")) {
      acknowledged.add(line.substring(4));
    } else if (line.startsWith("failed ")) {
      failed.add(line.substring(7));
    } else if (line.equals("drained")) {
      drained = true;
    }
  }

  /** What it was told so far, by the lines that were read. */
  Collection<String> acknowledged() {
    return acknowledged;
  }

  /** What it was told did not happen. */
  Collection<String> failed() {
    return failed;
  }

  boolean isDrained() {
    return drained;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** No more units; says when all are applied. */
  void endOfUnits() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  /** SIGKILL; returns once all that it had said is read. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly(); // The process itself would close its output.
    process.waitFor();
    reader.join();
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  /** The process itself. */
  public static void main(String[] arguments) throws Exception {
    Places places = Places.of(arguments, 2);
    try (DataPlatform platform = open(Path.of(arguments[0]), places)) {
      Units units = new Units(platform, arguments[1], System.out);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int index = i;
        threads.add(new Thread(() -> units.run(index)));
      }
      threads.forEach(Thread::start);
      await(System.in.read());
      units.over = true;
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.println(platform.drain(LONGEST_DRAIN) ? "drained" : "still waiting");
      await(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII)).read());
    }
  }

  private static void await(int byteRead) {
    if (byteRead < 0) {
      Runtime.getRuntime().halt(0); // Whoever started it is gone.
    }
  }

  private static DataPlatform open(Path log, Places places) {
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(places.key(), places.key()));
    return DataPlatform.builder("units")
        .store(
            AuroraStore.builder("orders")
                .url(places.url())
                .user(places.user())
                .password(places.password())
                .build())
        .store(
            DynamoStore.builder("stock")
                .endpoint(places.dynamo())
                .region("us-east-1")
                .credentials(credentials)
                .callTimeout(Duration.ofSeconds(2))
                .build())
        .store(
            S3Store.builder("receipts")
                .bucket(places.bucket())
                .endpoint(places.s3())
                .region("us-east-1")
                .credentials(credentials)
                .callTimeout(Duration.ofSeconds(2))
                .build())
        .log(log)
        .probeInterval(Duration.ofMillis(200))
        .outageBudget(Duration.ofMillis(500))
        .open();
  }

  /** Makes one unit after the other, each thread with a key of its own. */
  private static final class Units {

    private final DataPlatform platform;
    private final String name;
    private final PrintStream out;
    private volatile boolean over;

    Units(DataPlatform platform, String name, PrintStream out) {
      this.platform = platform;
      this.name = name;
      this.out = out;
    }

    void run(int thread) {
      for (int number = 0; !over; number++) {
        String id = "%s-%d-%05d".formatted(name, thread, number);
        try {
          Receipt receipt = unit(id, "key-" + thread);
          out.println("ack " + id);
          if (receipt.status() == Receipt.Status.ACCEPTED) {
            LockSupport.parkNanos(PACE.toNanos()); // The log takes far more than can be applied.
          }
        } catch (SQLException e) {
          out.println("failed " + id + " " + e.getSQLState() + " " + e.getMessage());
        }
      }
    }

    private Receipt unit(String id, String key) throws SQLException {
      try (PlatformConnection connection = platform.getConnection("orders")) {
        connection.setAutoCommit(false);
        connection.setClientInfo("rananeeti.ordering-key", key);
        PutObject object =
            PutObject.addressed("receipts", "units/" + id, id.getBytes(StandardCharsets.US_ASCII));
        try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO units (id, objkey) VALUES (?, ?)")) {
          insert.setString(1, id);
          insert.setString(2, object.key());
          insert.executeUpdate();
        }
        connection.enlist(
            PutItem.into("stock", "units", Map.of("pk", id)).onlyIf("attribute_not_exists(pk)"));
        connection.enlist(object);
        connection.commit();
        return Objects.requireNonNull(connection.receipt());
      }
    }
  }
}
