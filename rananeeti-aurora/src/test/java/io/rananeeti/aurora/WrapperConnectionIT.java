package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;
import software.amazon.awssdk.regions.Region;
import software.amazon.jdbc.plugin.TokenInfo;
import software.amazon.jdbc.util.CoreServicesContainer;
import software.amazon.jdbc.util.IamAuthUtils;
import software.amazon.jdbc.util.storage.StorageService;

/** Connections that the AWS wrapper opens, to a server that is no Aurora. */
class WrapperConnectionIT extends StoreFixture {

  private static final String TOKEN = "a-token-that-nobody-may-see";

  @Test
  void callsGoToTheDriverAndTheConnectionOutlivesTheCollector() throws Exception {
    try (AuroraStore wrapped = wrapped("?sslmode=disable").password(server().password()).build()) {
      wrapped.open(host);
      wrapped.register(Set.of(), false);
      try (Connection connection = wrapped.connect(LONG)) {
        PgConnection physical = connection.unwrap(PgConnection.class);
        for (int i = 0; i < 5; i++) {
          System.gc();
          assertThat(ask(connection, "SELECT 1")).isEqualTo("1");
        }
        assertThat(physical.isClosed()).isFalse();
        assertThat(connection.isWrapperFor(software.amazon.jdbc.PluginService.class)).isFalse();
      }
    }
  }

  /** Where the token comes from is AWS's; that it is what logs in, and is not shown, is ours. */
  @Test
  void aTokenOfIamLogsInAndIsNotShown() throws Exception {
    onServer("CREATE ROLE iam_user LOGIN SUPERUSER PASSWORD '" + TOKEN + "'");
    cacheToken("iam_user", TOKEN);
    try (AuroraStore wrapped =
        wrapped("?sslmode=disable&iamRegion=us-east-1")
            .authentication(Authentication.IAM)
            .user("iam_user")
            .build()) {
      wrapped.open(host);

      wrapped.probe(LONG);

      try (Connection connection = wrapped.connect(LONG)) {
        assertThat(ask(connection, "SELECT session_user")).isEqualTo("iam_user");
      }
      assertThat(wrapped.toString()).doesNotContain(TOKEN);
    }
  }

  @Test
  void aTokenThatIsRefusedIsSaidWithoutBeingShown() throws Exception {
    cacheToken("nobody", TOKEN);
    try (AuroraStore wrapped =
        wrapped("?sslmode=disable&iamRegion=us-east-1&iamExpiration=900")
            .authentication(Authentication.IAM)
            .user("nobody")
            .build()) {
      wrapped.open(host);

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> wrapped.probe(LONG));

      for (Throwable each = failure; each != null; each = each.getCause()) {
        assertThat(each.toString()).doesNotContain(TOKEN);
      }
    }
  }

  @Test
  void tlsIsInsistedOnThroughTheWrapper() throws Exception {
    try (AuroraStore wrapped = wrapped("").password(server().password()).build()) {
      wrapped.open(host);

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> wrapped.probe(LONG));

      assertThat(failure).hasMessageContaining("SSL");
    }
  }

  @Test
  void nobodyWaitsForTheWrapperLongerThanHeWants() throws Exception {
    server().pause();
    try (AuroraStore wrapped = wrapped("?sslmode=disable").password(server().password()).build()) {
      wrapped.open(host);
      Duration patience = Duration.ofMillis(300);
      long begun = System.nanoTime();

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> wrapped.probe(patience));
      SQLException refusal =
          catchThrowableOfType(SQLException.class, () -> wrapped.connect(patience));

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(25));
      assertThat(failure.failure()).isEqualTo(Failure.UNREACHABLE);
      assertThat(refusal.getSQLState()).isEqualTo("08001");
    } finally {
      server().resume();
    }
  }

  private AuroraStore.Builder wrapped(String query) {
    return AuroraStore.builder("orders")
        .url(server().url().replace("jdbc:", "jdbc:aws-wrapper:") + query)
        .user(server().user());
  }

  private static void cacheToken(String user, String token) {
    StorageService storage = CoreServicesContainer.getInstance().getStorageService();
    storage.registerItemClassIfAbsent(
        TokenInfo.class, false, Duration.ofMinutes(15).toNanos(), null, null);
    storage.set(
        IamAuthUtils.getCacheKey(user, server().host(), server().port(), Region.US_EAST_1),
        new TokenInfo(token, Instant.now().plusSeconds(600)));
  }
}
