package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DataPlatform;
import io.rananeeti.OutageAudit;
import io.rananeeti.UpdateCounts;
import io.rananeeti.testkit.OutageAuditAssert;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The sample of docs/audit.md: what it shows is what a run writes, but for the line numbers. */
@SuppressWarnings("NullAway") // the platform is opened for each test
class AuditSampleIT extends DropInFixture {

  private static final Path DOCUMENT = Path.of("..", "docs", "audit.md");

  AuditSampleIT() {}

  /** Takes orders, and not all of it in a way that an outage lets go on. */
  private record Shop(DataSource dataSource) {

    void order(int id, String item) throws SQLException {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        checkIsNew(connection, id);
        insert(connection, id, item);
        connection.commit();
      }
    }

    private static void checkIsNew(Connection connection, int id) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT 1 FROM items WHERE id = ?")) {
        statement.setInt(1, id);
        try (ResultSet rows = statement.executeQuery()) {
          if (rows.next()) {
            throw new IllegalArgumentException("there is an order " + id);
          }
        }
      }
    }

    int count() throws SQLException {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT count(*) FROM items")) {
        rows.next();
        return rows.getInt(1);
      }
    }

    void rename(String from, String to) throws SQLException {
      try (Connection connection = dataSource.getConnection();
          PreparedStatement statement =
              connection.prepareStatement("UPDATE items SET name = ? WHERE name = ?")) {
        statement.setString(1, to);
        statement.setString(2, from);
        statement.executeUpdate();
      }
    }
  }

  @Override
  void open(int poolSize, UpdateCounts counts) {
    platform =
        DataPlatform.builder("shop")
            .store(
                AuroraStore.builder("orders")
                    .url(server.url())
                    .user(server.user())
                    .password(server.password())
                    .build())
            .log(directory)
            .logStorage(disk)
            .outageBudget(outageBudget())
            .audit()
            .open();
    dataSource = platform.dataSource("orders");
  }

  @Test
  void theDocumentShowsWhatARunWrites() throws Exception {
    Shop shop = new Shop(dataSource);
    shop.order(1, "tea");
    shop.order(2, "tea");
    shop.count();
    shop.rename("tea", "green tea");

    OutageAudit audit = platform.outageAudit().orElseThrow();
    assertThatThrownBy(
            () ->
                OutageAuditAssert.assertThat(platform)
                    .accepting("SELECT count.*", "no count is shown in an outage")
                    .hasNoFindings())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Shop.checkIsNew");

    assertThat(comparable(Files.readString(DOCUMENT)))
        .as("docs/audit.md has to show: %s", audit.text())
        .contains(comparable(audit.text()));
  }

  private static String comparable(String text) {
    return text.replaceAll("\\.java:\\d+", ".java").replaceAll("\\s+", " ");
  }
}
