package io.rananeeti.examples.frameworks.shop;

import io.rananeeti.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.test.context.DynamicPropertyRegistry;

/** The server of the shop's tests, and the lines of configuration that lead to it. */
final class ShopDatabase {

  private ShopDatabase() {}

  /** As it was. */
  static void plainly(DynamicPropertyRegistry properties, PostgresServer server) {
    login(properties, server);
    properties.add("spring.datasource.url", server::url);
    properties.add("spring.datasource.driver-class-name", () -> "org.postgresql.Driver");
  }

  /** As it is with the platform: two lines are other ones. */
  static void overThePlatform(DynamicPropertyRegistry properties, PostgresServer server) {
    login(properties, server);
    String url =
        server.url().replace("jdbc:", "jdbc:rananeeti:") + "?rananeeti.log=" + newDirectory();
    properties.add("spring.datasource.url", () -> url);
    properties.add("spring.datasource.driver-class-name", () -> "io.rananeeti.RananeetiDriver");
  }

  private static void login(DynamicPropertyRegistry properties, PostgresServer server) {
    properties.add("spring.datasource.username", server::user);
    properties.add("spring.datasource.password", server::password);
  }

  private static Path newDirectory() {
    try {
      return Files.createTempDirectory(Path.of("target"), "shop").resolve("log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
