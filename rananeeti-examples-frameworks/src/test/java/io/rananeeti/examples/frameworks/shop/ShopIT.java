package io.rananeeti.examples.frameworks.shop;

import io.rananeeti.testkit.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The shop on PostgreSQL, without the platform. */
@ActiveProfiles("plain")
@DirtiesContext
class ShopIT extends ShopTests {

  private static final PostgresServer SERVER = PostgresServer.builder().start();

  @DynamicPropertySource
  static void database(DynamicPropertyRegistry properties) {
    ShopDatabase.isOn(SERVER, properties);
  }

  @AfterAll
  static void stopServer() {
    SERVER.close();
  }
}
