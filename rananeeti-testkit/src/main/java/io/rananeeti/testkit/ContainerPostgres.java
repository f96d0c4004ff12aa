package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.List;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A PostgreSQL server in a container, whose image has SIGINT, the fast shutdown, as stop signal.
 */
final class ContainerPostgres extends ContainerProcess implements PostgresProcess {

  static final String PROPERTY = "test.containers";

  private static final String DEFAULT_IMAGE = "postgres:18";

  private final Endpoint endpoint;

  private ContainerPostgres(PostgreSQLContainer container, Endpoint endpoint) {
    super(container);
    this.endpoint = endpoint;
  }

  private static String image() {
    String value = System.getProperty(PROPERTY, "");
    return value.isEmpty() || value.equals("true") ? DEFAULT_IMAGE : value;
  }

  static ContainerPostgres open(PostgresServer.Builder builder) {
    int port = builder.port() != 0 ? builder.port() : LoopbackPort.free();
    PostgreSQLContainer container = container(builder);
    run(container, port, PostgreSQLContainer.POSTGRESQL_PORT, "PostgreSQL", PROPERTY);
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
  private static PostgreSQLContainer container(PostgresServer.Builder builder) {
    PostgreSQLContainer container =
        new PostgreSQLContainer(
            DockerImageName.parse(image()).asCompatibleSubstituteFor("postgres"));
    container.withDatabaseName("postgres").withUsername("postgres");
    List<String> command = new ArrayList<>(List.of("postgres"));
    builder.settings().forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    container.setCommand(command.toArray(String[]::new));
    return container;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  @Override
  boolean answers() {
    return endpoint.accepts();
  }

  @Override
  public boolean adopted() {
    return false;
  }
}
