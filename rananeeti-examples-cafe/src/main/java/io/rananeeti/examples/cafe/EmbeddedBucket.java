package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An S3 of the cafe's own, on 127.0.0.1, which keeps objects as files and ends with the cafe. */
final class EmbeddedBucket implements AutoCloseable {

  /** Where the jars of that server are. */
  private static final String JARS = "rananeeti.test.s3proxy";

  private final S3Server server;

  private EmbeddedBucket(S3Server server) {
    this.server = server;
  }

  /** Starts it with this bucket. */
  static EmbeddedBucket start(Path directory, String bucket) throws IOException {
    if (System.getProperty(JARS) == null) {
      System.setProperty(JARS, besideTheCafe().toString());
    }
    Files.createDirectories(directory.resolve("data").resolve(bucket));
    return new EmbeddedBucket(S3Server.builder().directory(directory).start());
  }

  private static Path besideTheCafe() throws IOException {
    try {
      URI jar = EmbeddedBucket.class.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(jar).resolveSibling("s3proxy");
    } catch (URISyntaxException e) {
      throw new IOException("the cafe does not know where its jar is", e);
    }
  }

  URI endpoint() {
    return server.endpoint();
  }

  String region() {
    return server.region();
  }

  String accessKey() {
    return server.accessKey();
  }

  String secretKey() {
    return server.secretKey();
  }

  @Override
  public void close() {
    server.close();
  }
}
