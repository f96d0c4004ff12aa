package io.rananeeti.aurora;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** An application in a process of its own, to be killed: says what was acknowledged to it. */
final class LostTailNode implements AutoCloseable {

  private static final int THREADS = 4;

  private final Process process;
  private final Thread reader;
  private final Collection<Long> acknowledged = new ConcurrentLinkedQueue<>();

  private LostTailNode(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "node-output");
    reader.start();
  }

  /** Where the database is, and how to log in there. */
  record Login(String url, String user, String password, String hostPatterns) {}

  /** Starts one that inserts orders from this id on. */
  static LostTailNode start(Login login, Path log, long firstId) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-D"))
        .filter(flag -> !flag.contains("surefire"))
        .forEach(command::add);
    command.addAll(
        List.of("-cp", classPath(), LostTailNode.class.getName(), log.toString(), "" + firstId));
    command.addAll(List.of(login.url(), login.user(), login.password(), login.hostPatterns()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new LostTailNode(process);
  }

  private static String classPath() {
    return String.join(
        File.pathSeparator,
        List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("ack ")) {
          acknowledged.add(Long.valueOf(line.substring(4)));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What it was told so far, by the lines that were read. */
  Collection<Long> acknowledged() {
    return acknowledged;
  }

  /** SIGKILL; returns once all that it said is read. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    reader.join();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** Log directory, first id, URL, user, password, host patterns. */
  public static void main(String[] arguments) {
    DataPlatform platform =
        LostTailIT.open(
            Path.of(arguments[0]),
            new Login(arguments[2], arguments[3], arguments[4], arguments[5]));
    AtomicLong ids = new AtomicLong(Long.parseLong(arguments[1]));
    for (int i = 0; i < THREADS; i++) {
      new Thread(() -> insert(platform, ids), "insert-" + i).start();
    }
  }

  private static void insert(DataPlatform platform, AtomicLong ids) {
    while (true) {
      try (PlatformConnection connection = platform.getConnection("orders")) {
        long id = ids.getAndIncrement();
        connection.setAutoCommit(false);
        try (PreparedStatement statement =
            connection.prepareStatement("INSERT INTO orders (id, phase) VALUES (?, 1)")) {
          statement.setLong(1, id);
          statement.executeUpdate();
        }
        connection.commit();
        Receipt receipt = Objects.requireNonNull(connection.receipt());
        if (receipt.status() != Receipt.Status.REJECTED) {
          say(id);
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static synchronized void say(long id) {
    System.out.println("ack " + id);
    System.out.flush();
  }

  /** The longest that anything is kept. */
  static final Duration RETAIN = Duration.ofHours(1);
}
