package io.rananeeti.examples.frameworks.samples;

import java.sql.Connection;
import javax.sql.DataSource;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.command.core.UpdateCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionArgumentsCommandStep;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import org.flywaydb.core.Flyway;

/** How an application migrates its schema. */
final class Migrations {

  private Migrations() {}

  // tag::flyway
  static int flyway(DataSource dataSource) {
    return Flyway.configure()
        .dataSource(dataSource) // the platform's, or a pool over jdbc:rananeeti:
        .load()
        .migrate()
        .migrationsExecuted;
  }

  // end::flyway

  // tag::flyway-direct
  static int flywayBeside(String directUrl, String user, String password) {
    return Flyway.configure()
        .dataSource(directUrl, user, password) // jdbc:postgresql://..., beside the platform
        .load()
        .migrate()
        .migrationsExecuted;
  }

  // end::flyway-direct

  // tag::liquibase
  static void liquibase(DataSource dataSource) throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      var database =
          DatabaseFactory.getInstance()
              .findCorrectDatabaseImplementation(new JdbcConnection(connection));
      Scope.child(
          java.util.Map.of(),
          () ->
              new CommandScope(UpdateCommandStep.COMMAND_NAME)
                  .addArgumentValue(DbUrlConnectionArgumentsCommandStep.DATABASE_ARG, database)
                  .addArgumentValue(UpdateCommandStep.CHANGELOG_FILE_ARG, "db/changelog/shop.sql")
                  .execute());
    }
  }
  // end::liquibase
}
