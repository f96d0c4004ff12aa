package io.rananeeti.examples.frameworks.shop;

import io.rananeeti.testkit.PostgresServer;
import org.springframework.test.context.DynamicPropertyRegistry;

/** Where the shop's database is, as a deployment says it. */
final class ShopDatabase {

  private ShopDatabase() {}

  static void isOn(PostgresServer server, DynamicPropertyRegistry properties) {
    properties.add("DB_HOST", () -> server.host() + ":" + server.port());
    properties.add("DB_NAME", server::database);
    properties.add("DB_USER", server::user);
    properties.add("DB_PASSWORD", server::password);
  }
}
