package io.rananeeti.s3;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.SharedDurability;
import io.rananeeti.aurora.AuroraStore;
import io.rananeeti.dynamo.DynamoLogStorage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A node of a shared log in a process of its own, to be killed, which takes large contents. */
final class ContentsNode implements AutoCloseable {

  private static final String ANSWER = "answer: ";

  private final Process process;
  private final BufferedReader answers;

  private ContentsNode(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /** Where everything is, as arguments. */
  record Places(String url, String user, String password, URI dynamo, URI s3, String bucket) {

    private List<String> arguments() {
      return List.of(url, user, password, dynamo.toString(), s3.toString(), bucket);
    }

    private static Places of(List<String> given) {
      return new Places(
          given.get(0),
          given.get(1),
          given.get(2),
          URI.create(given.get(3)),
          URI.create(given.get(4)),
          given.get(5));
    }
  }

  static ContentsNode start(Places places, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add"))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(ContentsNode.class.getName(), log.toString()));
    command.addAll(places.arguments());
    return new ContentsNode(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Asks for something, and returns the answer. */
  String ask(String line) throws IOException {
    process.outputWriter(StandardCharsets.US_ASCII).append(line).append('\n').flush();
    String said = answers.readLine();
    while (said != null && !said.startsWith(ANSWER)) {
      said = answers.readLine(); // What it logs is none.
    }
    return said == null ? "it is gone" : said.substring(ANSWER.length());
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  /** The same bytes in every process. */
  static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static DataPlatform open(Path log, Places places) {
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("rananeeti", "rananeeti"));
    return DataPlatform.builder("contents")
        .store(
            AuroraStore.builder("orders")
                .url(places.url())
                .user(places.user())
                .password(places.password())
                .build())
        .store(
            S3Store.builder("receipts")
                .bucket(places.bucket())
                .endpoint(places.s3())
                .region("us-east-1")
                .credentials(credentials)
                .build())
        .sharedLog(
            DynamoLogStorage.builder()
                .endpoint(places.dynamo())
                .region("us-east-1")
                .credentials(credentials)
                .build())
        .sharedContents(
            new S3Contents(
                "s3://%s/contents?region=us-east-1&endpoint=%s"
                    .formatted(places.bucket(), places.s3()),
                credentials))
        .sharedDurability(SharedDurability.BOTH)
        .log(log)
        .probeInterval(Duration.ofMillis(200))
        .outageBudget(Duration.ofSeconds(2))
        .open();
  }

  /** The process itself: {@code row seed length}, {@code unit seed length}, {@code state}. */
  public static void main(String[] arguments) throws Exception {
    List<String> all = List.of(arguments);
    try (DataPlatform platform = open(Path.of(all.get(0)), Places.of(all.subList(1, all.size())))) {
      BufferedReader asked =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      for (String line = asked.readLine(); line != null; line = asked.readLine()) {
        String[] words = line.split(" ", -1);
        System.out.println(ANSWER + answer(platform, words));
      }
    }
  }

  private static String answer(DataPlatform platform, String[] words) {
    if (words[0].equals("state")) {
      return Objects.requireNonNull(platform.health().stores().get("orders")).availability().name();
    }
    byte[] bytes = bytes(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    return accept(platform, words[0].equals("unit"), bytes);
  }

  /** A row with the content in it, or with a pointer to an object of it. */
  private static String accept(DataPlatform platform, boolean isUnit, byte[] bytes) {
    try (PlatformConnection connection = platform.getConnection("orders");
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO contents (pointer, bytes) VALUES (?, ?)")) {
      connection.setAutoCommit(false);
      PutObject object = PutObject.addressed("receipts", "objects", bytes);
      insert.setString(1, isUnit ? object.key() : "none");
      insert.setBinaryStream(2, new ByteArrayInputStream(isUnit ? new byte[0] : bytes));
      insert.executeUpdate();
      if (isUnit) {
        connection.enlist(object);
      }
      connection.commit();
      Receipt receipt = Objects.requireNonNull(connection.receipt());
      return receipt.status().name();
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage();
    }
  }
}
