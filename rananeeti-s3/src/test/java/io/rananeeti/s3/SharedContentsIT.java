package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.DataPlatform;
import io.rananeeti.testkit.DynamoServer;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.PostgresServer;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A node in a process of its own takes large contents while its database is away, and is killed;
 * another one applies them. On PostgreSQL, DynamoDB Local and S3Proxy.
 */
final class SharedContentsIT {

  private static final int LARGE = 40 << 20;
  private static final int OBJECT = 18 << 20;

  /** Tens of megabytes go from node to node, and to three servers. */
  private static final Duration LARGE_STALL = Duration.ofMinutes(5);

  private final String bucket = "contents-" + UUID.randomUUID().toString().substring(0, 8);

  @TempDir private Path directory;

  SharedContentsIT() {}

  @Test
  void anotherNodeAppliesWhatAKilledOneHasTaken() throws Exception {
    try (PostgresServer postgres = PostgresServer.builder().start();
        DynamoServer dynamo = DynamoServer.builder().start();
        FaultProxy proxy = FaultProxy.inFrontOf(postgres)) {
      S3Client objects = S3Fixture.client();
      objects.createBucket(r -> r.bucket(bucket));
      postgres.execute("CREATE TABLE contents (pointer text NOT NULL, bytes bytea NOT NULL)");
      ContentsNode.Places places =
          new ContentsNode.Places(
              proxy.url(),
              postgres.user(),
              postgres.password(),
              dynamo.endpoint(),
              S3Fixture.server().endpoint(),
              bucket);

      try (DataPlatform other = ContentsNode.open(directory.resolve("two"), places)) {
        takeAndDie(places, proxy, objects);
        proxy.pass();
        S3Fixture.await(LARGE_STALL, () -> rows(postgres).size() == 3);

        assertRows(rows(postgres), objects);
        S3Fixture.await(LARGE_STALL, () -> contents(objects).isEmpty());
        assertThat(other.deadLetters().list()).isEmpty();
        S3Fixture.await(LARGE_STALL, () -> other.health().spooledBytes() == 0);
      }
    }
  }

  private void takeAndDie(ContentsNode.Places places, FaultProxy proxy, S3Client objects)
      throws Exception {
    try (ContentsNode one = ContentsNode.start(places, directory.resolve("one"))) {
      S3Fixture.await(() -> one.ask("state").equals("UP"));
      proxy.refuse();
      proxy.reset();
      assertThat(one.ask("row 1 1000")).isEqualTo("ACCEPTED");
      assertThat(one.ask("row 2 " + LARGE)).isEqualTo("ACCEPTED");
      assertThat(one.ask("unit 3 " + OBJECT)).isEqualTo("ACCEPTED");
      assertThat(contents(objects))
          .extracting(S3Object::size)
          .containsExactlyInAnyOrder((long) LARGE, (long) OBJECT);
      one.kill();
    }
  }

  /** The object of the unit is where its row says. */
  private void assertRows(Map<String, String> rows, S3Client objects) throws Exception {
    String large = Digest.hex(ContentsNode.bytes(2, LARGE));
    String object = Digest.hex(ContentsNode.bytes(3, OBJECT));
    assertThat(rows)
        .containsEntry(Digest.hex(ContentsNode.bytes(1, 1000)), "none")
        .containsEntry(large, "none")
        .containsEntry(Digest.hex(new byte[0]), "objects/" + object);
    try (InputStream in = objects.getObject(r -> r.bucket(bucket).key("objects/" + object))) {
      assertThat(Digest.hex(in)).isEqualTo(object);
    }
  }

  private List<S3Object> contents(S3Client objects) {
    return objects.listObjectsV2(r -> r.bucket(bucket).prefix("contents/")).contents();
  }

  /** Pointers, by the SHA-256 of what is in the row. */
  private static Map<String, String> rows(PostgresServer postgres) throws SQLException {
    Map<String, String> rows = new TreeMap<>();
    try (Connection connection = postgres.connect();
        PreparedStatement all =
            connection.prepareStatement(
                "SELECT pointer, encode(sha256(bytes), 'hex') FROM contents");
        ResultSet each = all.executeQuery()) {
      while (each.next()) {
        assertThat(rows.put(each.getString(2), each.getString(1))).as("twice").isNull();
      }
    }
    return rows;
  }
}
