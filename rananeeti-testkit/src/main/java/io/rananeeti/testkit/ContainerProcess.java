package io.rananeeti.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.time.Duration;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/**
 * A server in a container, through Testcontainers.
 *
 * <p>Its port is bound to one of 127.0.0.1 chosen here, because Docker gives a container another
 * random one at each start.
 */
abstract class ContainerProcess {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final GenericContainer<?> container;

  ContainerProcess(GenericContainer<?> container) {
    this.container = container;
  }

  /**
   * Runs it for the first time.
   *
   * @param what it has, for people
   * @param property that asked for it
   */
  static void run(
      GenericContainer<?> container, int port, int inside, String what, String property) {
    container.setPortBindings(List.of("127.0.0.1:" + port + ":" + inside));
    try {
      container.start();
    } catch (RuntimeException e) {
      throw new TestkitException(
          "no container with %s could be started: see that Docker runs, or unset the property %s"
              .formatted(what, property),
          e);
    }
  }

  /** Whether the server in it takes requests. */
  abstract boolean answers();

  private static DockerClient docker() {
    return DockerClientFactory.lazyClient();
  }

  public final void start() {
    if (isRunning()) {
      return;
    }
    docker().startContainerCmd(container.getContainerId()).exec();
    if (!Await.until(this::answers, LIMIT)) {
      throw new TestkitException(
          "the container does not answer within " + LIMIT + ": see docker logs");
    }
  }

  public final void stop() {
    resume();
    if (isRunning()) {
      docker()
          .stopContainerCmd(container.getContainerId())
          .withTimeout((int) LIMIT.toSeconds())
          .exec();
    }
  }

  public final void kill() {
    if (isRunning()) {
      docker().killContainerCmd(container.getContainerId()).exec();
      if (!Await.until(() -> !isRunning(), LIMIT)) {
        throw new TestkitException(
            "the container still runs " + LIMIT + " after its kill: see docker ps");
      }
    }
  }

  public final void pause() {
    if (isRunning() && !Boolean.TRUE.equals(state().getPaused())) {
      docker().pauseContainerCmd(container.getContainerId()).exec();
    }
  }

  public final void resume() {
    if (Boolean.TRUE.equals(state().getPaused())) {
      docker().unpauseContainerCmd(container.getContainerId()).exec();
    }
  }

  public final boolean isRunning() {
    return Boolean.TRUE.equals(state().getRunning());
  }

  private ContainerState state() {
    return docker().inspectContainerCmd(container.getContainerId()).exec().getState();
  }

  public final boolean canBeKilled() {
    return true;
  }

  public final void close() {
    container.stop();
  }
}
