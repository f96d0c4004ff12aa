package io.rananeeti.examples.frameworks.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.PlatformListener;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flyway and Liquibase, through the platform and beside it. */
@SuppressWarnings("NullAway") // the site is opened for each test
class MigrationIT {

  @TempDir private Path directory;
  private Site site;

  @BeforeEach
  void open() {
    site = new Site(directory, new PlatformListener() {});
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void flywayMigratesThroughThePlatformAndBesideIt() throws Exception {
    assertThat(Migrations.flyway(site.dataSource())).isEqualTo(2);
    assertThat(
            Migrations.flywayBeside(
                site.server().url(), site.server().user(), site.server().password()))
        .isZero();
    assertThat(site.ask("SELECT count(*) FROM stock")).isEqualTo("2");
  }

  @Test
  void flywayKnowsNoDatabaseForTheUrlItself() {
    String url = site.server().url().replace("jdbc:", "jdbc:rananeeti:");

    assertThatThrownBy(() -> Migrations.flywayBeside(url, site.server().user(), "-"))
        .hasMessageContaining("found to handle jdbc:rananeeti:");
  }

  @Test
  void liquibaseMigratesThroughThePlatform() throws Exception {
    Migrations.liquibase(site.dataSource());
    Migrations.liquibase(site.dataSource());

    assertThat(site.ask("SELECT string_agg(code, ',') FROM coupon")).isEqualTo("WELCOME");
  }

  @Test
  void aMigrationInAnOutageFailsAndLeavesNothingInTheLog() throws Exception {
    Migrations.flyway(site.dataSource());
    long before = site.accepted();
    site.outage();

    assertThatThrownBy(() -> Migrations.flyway(site.dataSource()))
        .hasStackTraceContaining("SQL State  : 55R01");
    assertThatThrownBy(() -> Migrations.liquibase(site.dataSource()))
        .rootCause()
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isIn("55R01", "25P02"));
    site.recover();
    assertThat(site.accepted()).isEqualTo(before);
  }
}
