package io.rananeeti.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.Outcome;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * An object that is many times larger than the heap of the JVM that puts it, with S3 gone in the
 * middle of it: 2 GB through 256 MB in the profile {@code full}, less of both else.
 */
@SuppressWarnings("NullAway")
class LargeObjectIT extends S3Fixture {

  private static final String KEY = "menu/large";
  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final long LENGTH = FULL ? 2L << 30 : 96L << 20;
  private static final String HEAP = FULL ? "-Xmx256m" : "-Xmx64m";
  private static final long PATIENCE_MINUTES = FULL ? 30 : 5;

  @Test
  void anObjectLargerThanTheHeapIsPutThoughS3IsGoneInTheMiddle() throws Exception {
    front.only(line -> line.startsWith("PUT") && line.contains("partNumber=3"));
    front.plan(FaultyFront.Fault.LOSE_REQUEST, FaultyFront.Fault.LOSE_REQUEST);

    Process process = child();
    assertThat(process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();

    String said = Files.readString(output());
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(front.struck()).as("S3 was gone in the middle").isEqualTo(2);
    long length = client().headObject(r -> r.bucket(bucket).key(KEY)).contentLength();
    assertThat(length).isEqualTo(LENGTH);
  }

  private Path output() {
    return directory.resolve("child.log");
  }

  private Process child() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(HEAP);
    command.addAll(
        List.of(
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            front.endpoint().toString(),
            bucket,
            server().region(),
            server().accessKey(),
            server().secretKey(),
            directory.resolve("log").toString(),
            Long.toString(LENGTH)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output().toFile())
        .start();
  }

  /** Puts it, waits until it is applied, and reads it again; all in a small heap. */
  static final class Child {

    private Child() {}

    /** Takes endpoint, bucket, region, key, secret, log and length. */
    public static void main(String[] given) throws Exception {
      S3Store store =
          S3Store.builder("receipts")
              .bucket(given[1])
              .endpoint(URI.create(given[0]))
              .region(given[2])
              .credentials(
                  StaticCredentialsProvider.create(AwsBasicCredentials.create(given[3], given[4])))
              .callTimeout(Duration.ofSeconds(20))
              .build();
      DataPlatform platform =
          DataPlatform.builder("cafe")
              .store(store)
              .log(Path.of(given[5]))
              .probeInterval(Duration.ofMillis(200))
              .maxLogBytes(4L << 30)
              .open();
      await(() -> platform.health().stores().get("receipts").availability() == Availability.UP);
      put(platform, Long.parseLong(given[6]));
      for (boolean read = false; !read; ) { // As long as the parent is patient, here too.
        read = compare(store, Long.parseLong(given[6]));
      }
      Runtime.getRuntime().halt(0);
    }

    private static void put(DataPlatform platform, long length) throws Exception {
      PutObject put = PutObject.to("receipts", KEY, () -> new Pattern(length)).ifAbsent();
      TransactionId id;
      try (PlatformConnection connection = platform.getConnection("receipts")) {
        connection.enlist(put);
        Receipt receipt = connection.receipt();
        System.out.println("status " + receipt.status());
        id = receipt.id();
      }
      while (platform.outcome(id) != Outcome.APPLIED) { // As long as the parent is patient.
        LockSupport.parkNanos(5_000_000);
      }
    }

    /** False if S3 was out of reach in the middle of it. */
    private static boolean compare(S3Store store, long length) throws Exception {
      try (ObjectInput in = store.reads().get(KEY).orElseThrow();
          InputStream expected = new Pattern(length)) {
        byte[] one = new byte[64 << 10];
        for (int n = in.readNBytes(one, 0, one.length);
            n > 0;
            n = in.readNBytes(one, 0, one.length)) {
          if (!Arrays.equals(one, 0, n, expected.readNBytes(n), 0, n)) {
            throw new IllegalStateException("it is another object");
          }
        }
        if (expected.read() >= 0) {
          throw new IllegalStateException("it ends early");
        }
        return true;
      } catch (SQLTransientConnectionException | IOException e) {
        System.out.println("reads again after " + e);
        return false;
      }
    }
  }

  /** So many bytes, no two parts alike. */
  private static final class Pattern extends InputStream {

    private final long length;
    private long at;

    Pattern(long length) {
      this.length = length;
    }

    @Override
    public int read() {
      if (at == length) {
        return -1;
      }
      long now = at++;
      return (int) (now ^ now >>> 8 ^ now >>> 20 ^ now >>> 24) & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int most) {
      int n = (int) Math.min(most, length - at);
      for (int i = 0; i < n; i++) {
        bytes[from + i] = (byte) read();
      }
      return n == 0 && most > 0 ? -1 : n;
    }
  }
}
