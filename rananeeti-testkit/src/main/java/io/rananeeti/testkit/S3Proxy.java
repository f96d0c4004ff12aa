package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** S3Proxy, which keeps each object as a file of that name. */
record S3Proxy(String accessKey, String secretKey) implements LocalServer.Program {

  private static final String LOGGING =
      """
      <configuration>
        <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %level %logger - %msg%n</pattern></encoder>
        </appender>
        <root level="WARN"><appender-ref ref="out"/></root>
      </configuration>
      """;

  @Override
  public String name() {
    return "S3Proxy";
  }

  @Override
  public String prefix() {
    return "s3";
  }

  @Override
  public String property() {
    return "rananeeti.test.s3proxy";
  }

  @Override
  public String jar() {
    return "s3proxy-";
  }

  @Override
  public String howToGet() {
    return "copy org.gaul:s3proxy and what it depends on into a directory (in Rananeeti's own build: ./mvnw -pl rananeeti-s3proxy generate-resources; elsewhere see docs/testkit.md)";
  }

  @Override
  public List<String> options() {
    return List.of("-Xmx256m", "-Dlogback.configurationFile=logback.xml");
  }

  @Override
  public List<String> main(int port) {
    return List.of(S3Launcher.class.getName(), "--properties", "s3proxy.conf");
  }

  @Override
  public void prepare(Path root, int port) throws IOException {
    Files.writeString(root.resolve("logback.xml"), LOGGING);
    Files.writeString(
        root.resolve("s3proxy.conf"),
        """
        s3proxy.endpoint=http://%s:%d
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
            // Whole, or it lists nothing.
            .formatted(
                LoopbackPort.address().getHostAddress(),
                port,
                accessKey,
                secretKey,
                root.resolve("data").toString().replace("\\", "\\\\")));
  }
}
