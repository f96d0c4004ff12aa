package io.rananeeti.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.localstack.LocalStackContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A service of LocalStack's in a container, through Testcontainers.
 *
 * <p>Its port is bound to one of 127.0.0.1 chosen here, because Docker gives a container another
 * random one at each start.
 */
final class ContainerServer implements ServerProcess {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int PROBE_MILLIS = 1_000;
  private static final int SERVICE_PORT = 4566;

  /** The last line of images that want no account with their maker. */
  private static final String DEFAULT_IMAGE = "localstack/localstack:4.0";

  private final LocalStackContainer container;
  private final int port;

  private ContainerServer(LocalStackContainer container, int port) {
    this.container = container;
    this.port = port;
  }

  @SuppressWarnings("resource") // The fluent setters return the same container, which close() ends.
  static ContainerServer open(String service, String property, String image, int chosenPort) {
    int port = chosenPort != 0 ? chosenPort : LoopbackPort.free();
    LocalStackContainer container =
        new LocalStackContainer(
            DockerImageName.parse(image.isEmpty() || image.equals("true") ? DEFAULT_IMAGE : image)
                .asCompatibleSubstituteFor("localstack/localstack"));
    container.withServices(service);
    container.setPortBindings(List.of("127.0.0.1:" + port + ":" + SERVICE_PORT));
    try {
      container.start();
    } catch (RuntimeException e) {
      throw new TestkitException(
          "no container with LocalStack could be started: see that Docker runs, or unset the property "
              + property,
          e);
    }
    return new ContainerServer(container, port);
  }

  private static DockerClient docker() {
    return DockerClientFactory.lazyClient();
  }

  @Override
  public URI endpoint() {
    return URI.create("http://" + LoopbackPort.address().getHostAddress() + ":" + port);
  }

  @Override
  public void start() {
    if (isRunning()) {
      return;
    }
    docker().startContainerCmd(container.getContainerId()).exec();
    if (!Await.until(() -> ServerProcess.answers(endpoint(), PROBE_MILLIS), LIMIT)) {
      throw new TestkitException(
          "the container does not answer within " + LIMIT + ": see docker logs");
    }
  }

  @Override
  public void stop() {
    resume();
    if (isRunning()) {
      docker()
          .stopContainerCmd(container.getContainerId())
          .withTimeout((int) LIMIT.toSeconds())
          .exec();
    }
  }

  @Override
  public void kill() {
    if (isRunning()) {
      docker().killContainerCmd(container.getContainerId()).exec();
      if (!Await.until(() -> !isRunning(), LIMIT)) {
        throw new TestkitException(
            "the container still runs " + LIMIT + " after its kill: see docker ps");
      }
    }
  }

  @Override
  public void pause() {
    if (isRunning() && !Boolean.TRUE.equals(state().getPaused())) {
      docker().pauseContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public void resume() {
    if (Boolean.TRUE.equals(state().getPaused())) {
      docker().unpauseContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public boolean isRunning() {
    return Boolean.TRUE.equals(state().getRunning());
  }

  private ContainerState state() {
    return docker().inspectContainerCmd(container.getContainerId()).exec().getState();
  }

  @Override
  public boolean canBeKilled() {
    return true;
  }

  @Override
  public void close() {
    container.stop();
  }
}
