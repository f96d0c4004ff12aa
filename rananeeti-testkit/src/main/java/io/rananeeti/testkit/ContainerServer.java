package io.rananeeti.testkit;

import java.net.URI;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/** A service of LocalStack's in a container. */
final class ContainerServer extends ContainerProcess implements ServerProcess {

  private static final int PROBE_MILLIS = 1_000;
  private static final int SERVICE_PORT = 4566;

  /** The last line of images that want no account with their maker. */
  private static final String DEFAULT_IMAGE = "localstack/localstack:4.0";

  private final int port;

  private ContainerServer(LocalStackContainer container, int port) {
    super(container);
    this.port = port;
  }

  @SuppressWarnings("resource") // The fluent setter returns the same container, which close() ends.
  static ContainerServer open(String service, String property, String image, int chosenPort) {
    int port = chosenPort != 0 ? chosenPort : LoopbackPort.free();
    LocalStackContainer container =
        new LocalStackContainer(
            DockerImageName.parse(image.isEmpty() || image.equals("true") ? DEFAULT_IMAGE : image)
                .asCompatibleSubstituteFor("localstack/localstack"));
    container.withServices(service);
    run(container, port, SERVICE_PORT, "LocalStack", property);
    return new ContainerServer(container, port);
  }

  @Override
  public URI endpoint() {
    return URI.create("http://" + LoopbackPort.address().getHostAddress() + ":" + port);
  }

  @Override
  boolean answers() {
    return ServerProcess.answers(endpoint(), PROBE_MILLIS);
  }
}
