package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CafeTest {

  @TempDir private Path directory;

  private final StringWriter output = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @Test
  void helpNamesEveryOptionAndTheEnvironment() {
    int code = run(Map.of(), "--help");

    assertThat(code).isZero();
    assertThat(output.toString())
        .contains("--port", "--data", "--database-url", "--database-user", "8080", "./cafe-data")
        .contains("CAFE_PORT", "CAFE_DATA", "CAFE_DATABASE_URL", "CAFE_DATABASE_PASSWORD")
        .contains("--shared-log", "--dynamodb-endpoint", "--region", "CAFE_SHARED_LOG")
        .contains("LOCAL, BOTH_IF_REACHED, BOTH");
  }

  @Test
  void aPortInUseIsOneSentence() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      int code = run(Map.of("CAFE_PORT", port, "CAFE_DATA", directory.toString()));

      assertThat(code).isEqualTo(1);
      assertThat(errors.toString().lines())
          .singleElement()
          .asString()
          .contains("Port " + port, "--port");
    }
  }

  @Test
  void aDirectoryThatCannotBeIsOneSentence() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    int code = run(Map.of(), "--port", "0", "--data", file.resolve("data").toString());

    assertThat(code).isEqualTo(1);
    assertThat(errors.toString().lines())
        .singleElement()
        .asString()
        .contains(file.toString(), "--data");
  }

  @Test
  void anOptionComesBeforeTheEnvironment() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Map<String, String> environment =
        Map.of("CAFE_PORT", "none", "CAFE_DATA", directory.toString());

    int code = run(environment, "--port", "0", "--data", file.toString());

    assertThat(code).isEqualTo(1);
    assertThat(errors.toString()).contains(file.toString());
  }

  @Test
  void nonsenseIsExplained() {
    assertThat(run(Map.of(), "--port", "70000")).isEqualTo(2);
    assertThat(run(Map.of(), "--database-url", "mysql://x")).isEqualTo(2);
    assertThat(run(Map.of(), "--prot", "1")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("--port is 0 to 65535", "jdbc:postgresql:", "--prot")
        .doesNotContain("\tat ");
  }

  @Test
  void nodesNeedADatabaseOfTheirOwnAndTheirOptionsMakeSense() {
    String[] shared = {"--database-url", "jdbc:postgresql://db/cafe", "--shared-log"};

    assertThat(run(Map.of(), "--shared-log")).isEqualTo(2);
    assertThat(run(Map.of("CAFE_SHARED_LOG", "a b"), "--database-url", shared[1])).isEqualTo(2);
    assertThat(run(Map.of(), with(shared, "--node-lease", "0"))).isEqualTo(2);
    assertThat(run(Map.of(), with(shared, "--dynamodb-endpoint", "127.0.0.1:8000"))).isEqualTo(2);
    assertThat(run(Map.of(), with(shared, "--shared-durability", "SOME"))).isEqualTo(2);
    assertThat(run(Map.of(), "--region", "eu-west-1")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("--shared-log needs --database-url")
        .contains("--shared-log names a table")
        .contains("--node-lease is 1 to 300 seconds: 0")
        .contains("--dynamodb-endpoint is http://host:port")
        .contains("BOTH_IF_REACHED")
        .contains("go with --shared-log")
        .doesNotContain("\tat ");
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  private int run(Map<String, String> environment, String... arguments) {
    return Cafe.command(environment)
        .setOut(new PrintWriter(output, true))
        .setErr(new PrintWriter(errors, true))
        .execute(arguments);
  }
}
