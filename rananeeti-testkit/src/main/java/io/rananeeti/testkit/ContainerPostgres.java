package io.rananeeti.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A PostgreSQL server in a container, through Testcontainers.
 *
 * <p>Its port is bound to one of 127.0.0.1 chosen here, because Docker gives a container another
 * random one at each start.
 */
final class ContainerPostgres implements PostgresProcess {

  static final String PROPERTY = "test.containers";

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String DEFAULT_IMAGE = "postgres:18";

  private final PostgreSQLContainer container;
  private final Endpoint endpoint;

  private ContainerPostgres(PostgreSQLContainer container, Endpoint endpoint) {
    this.container = container;
    this.endpoint = endpoint;
  }

  private static String image() {
    String value = System.getProperty(PROPERTY, "");
    return value.isEmpty() || value.equals("true") ? DEFAULT_IMAGE : value;
  }

  static ContainerPostgres open(PostgresServer.Builder builder) {
    int port = builder.port() != 0 ? builder.port() : LoopbackPort.free();
    PostgreSQLContainer container = container(builder, port);
    try {
      container.start();
    } catch (RuntimeException e) {
      throw new TestkitException(
          "no container with PostgreSQL could be started: see that Docker runs, or unset the property "
              + PROPERTY,
          e);
    }
    Endpoint endpoint =
        new Endpoint(
            LoopbackPort.address().getHostAddress(),
            port,
            "postgres",
            "",
            container.getUsername(),
            container.getPassword());
    return new ContainerPostgres(container, endpoint);
  }

  @SuppressWarnings("resource") // The fluent setters return the same container, which close() ends.
  private static PostgreSQLContainer container(PostgresServer.Builder builder, int port) {
    PostgreSQLContainer container =
        new PostgreSQLContainer(
            DockerImageName.parse(image()).asCompatibleSubstituteFor("postgres"));
    container.withDatabaseName("postgres").withUsername("postgres");
    container.setPortBindings(
        List.of("127.0.0.1:" + port + ":" + PostgreSQLContainer.POSTGRESQL_PORT));
    List<String> command = new ArrayList<>(List.of("postgres"));
    builder.settings().forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    container.setCommand(command.toArray(String[]::new));
    return container;
  }

  private static DockerClient docker() {
    return DockerClientFactory.lazyClient();
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void start() {
    if (isRunning()) {
      return;
    }
    docker().startContainerCmd(container.getContainerId()).exec();
    if (!Await.until(() -> endpoint.accepts(), LIMIT)) {
      throw new TestkitException(
          "the container accepts no connections within " + LIMIT + ": see docker logs");
    }
  }

  /** SIGINT is PostgreSQL's fast shutdown, and the stop signal of its image. */
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
  public boolean adopted() {
    return false;
  }

  @Override
  public void close() {
    container.stop();
  }
}
