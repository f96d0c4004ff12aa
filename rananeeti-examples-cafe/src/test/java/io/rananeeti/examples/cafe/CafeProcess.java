package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jar of the cafe in a process of its own, as a user starts it. */
final class CafeProcess implements AutoCloseable {

  static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Path JAR =
      Path.of(System.getProperty("cafe.jar", "target/cafe.jar")).toAbsolutePath();
  private static final Pattern OPEN = Pattern.compile("The cafe is open: (\\S+)");
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();

  private final Process process;
  private final Path data;
  private final URI address;

  private CafeProcess(Process process, Path data, URI address) {
    this.process = process;
    this.data = data;
    this.address = address;
  }

  /** Starts a cafe on any free port, and waits until it is open. */
  static CafeProcess start(Path data, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", JAR.toString(), "--port", "0", "--data", data.toString()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(data.getParent(), "cafe-", ".out");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Process process = builder.start();
    try {
      await("the cafe is open", () -> !process.isAlive() || OPEN.matcher(read(output)).find());
      Matcher open = OPEN.matcher(read(output));
      if (!open.find()) {
        throw new AssertionError("the cafe did not open:\n" + read(output));
      }
      return new CafeProcess(process, data, URI.create(open.group(1)));
    } catch (Exception | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), UTF_8);
  }

  /** Looks again and again until the condition holds, or fails. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + LIMIT + ": " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  URI uri(String path) {
    return address.resolve(path);
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  HttpResponse<String> post(String path, String form) throws Exception {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form, UTF_8)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.timeout(LIMIT).build(), BodyHandlers.ofString(UTF_8));
  }

  /** A value of the health report, as text. */
  String health(String field) throws Exception {
    Matcher value =
        Pattern.compile("\"" + field + "\":\"?([^,\"}]*)").matcher(get("/health").body());
    if (!value.find()) {
      throw new AssertionError("no " + field + " in the health report");
    }
    return value.group(1);
  }

  void awaitHealth(String field, String value) throws Exception {
    await(field + " is " + value, () -> health(field).equals(value));
  }

  /** Waits until the platform is up and nothing waits any more. */
  void awaitDrained() throws Exception {
    await("drained", () -> health("state").equals("UP") && health("backlog").equals("0"));
  }

  /** Presses a button of the outage page. */
  void flip(String action) throws Exception {
    int status = post("/outage", "action=" + action).statusCode();
    if (status != 303) {
      throw new AssertionError(action + " was answered with " + status);
    }
  }

  /** The process id of the embedded database's postmaster. */
  long postmaster() throws IOException {
    return Long.parseLong(postmasterFile().get(0).strip());
  }

  private List<String> postmasterFile() throws IOException {
    return Files.readAllLines(data.resolve("postgres/data/postmaster.pid"));
  }

  /** A connection to the embedded database, past the cafe and its platform. */
  Connection connect() throws IOException, SQLException {
    String password = Files.readString(data.resolve("postgres/password")).strip();
    String url = "jdbc:postgresql://127.0.0.1:" + postmasterFile().get(3).strip() + "/postgres";
    return DriverManager.getConnection(url + "?connectTimeout=5", "postgres", password);
  }

  static long count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM cafe.ordersraw")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** SIGKILL. The embedded database goes on. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGKILL to its embedded S3. */
  void endS3() {
    ProcessHandle server =
        process
            .descendants()
            .filter(child -> child.info().commandLine().orElse("").contains("S3Launcher"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no embedded S3 runs"));
    server.destroyForcibly();
    server.onExit().join();
  }

  /** SIGSTOP: it keeps its connections, and does nothing. */
  void pause() throws Exception {
    signal("STOP");
  }

  /** SIGCONT. */
  void resume() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    String pid = Long.toString(process.pid());
    Process kill = new ProcessBuilder("kill", "-s", name, pid).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -s " + name + " " + pid + " ended with " + kill.exitValue());
    }
  }

  /** SIGTERM; returns the exit code. */
  int stop() throws Exception {
    process.destroy();
    await("the cafe has stopped", () -> !process.isAlive());
    return process.exitValue();
  }

  /** Ends the embedded database that a killed cafe has left in this directory, if there is one. */
  static void endDatabase(Path data) throws Exception {
    Path file = data.resolve("postgres/data/postmaster.pid");
    if (!Files.exists(file)) {
      return;
    }
    long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElse(null);
    if (postmaster != null && postmaster.destroyForcibly()) {
      postmaster.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** SIGKILL, also while it is paused. */
  void end() {
    process.destroyForcibly().onExit().join();
  }

  /** Ends the cafe in order. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    if (process.isAlive()) {
      process.destroyForcibly().onExit().join();
    }
  }
}
