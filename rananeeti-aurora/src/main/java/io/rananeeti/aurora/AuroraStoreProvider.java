package io.rananeeti.aurora;

import io.rananeeti.store.Store;
import io.rananeeti.store.StoreProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** Makes the {@link AuroraStore} behind {@code jdbc:rananeeti:postgresql:} URLs. */
public final class AuroraStoreProvider implements StoreProvider {

  private static final String POOL_SIZE = "pool-size";
  private static final String LEDGER_EXPIRY = "ledger-expiry";
  private static final String ASYNC_COMMIT = "async-commit";

  private static final String AUTHENTICATION = "authentication";
  private static final String SECRET = "secret";
  private static final String HOST_PATTERNS = "host-patterns";
  private static final String BLUE_GREEN = "blue-green";

  /** What becomes of {@code synchronous_commit=off} (C8). */
  private enum AsyncCommit {
    WARN,
    ALLOW
  }

  /** For {@link java.util.ServiceLoader}. */
  public AuroraStoreProvider() {}

  @Override
  public boolean accepts(String url) {
    return url.startsWith(Endpoint.PREFIX) || url.startsWith(Endpoint.WRAPPED_PREFIX);
  }

  @Override
  public Set<Setting> settings() {
    return Set.of(
        new Setting(
            POOL_SIZE,
            Integer.class,
            "the most physical connections at a time; default 10, 1 to 1000"),
        new Setting(
            LEDGER_EXPIRY,
            Duration.class,
            "after how long rows of a log that was not seen again may be deleted; default 90d, from 1d"),
        new Setting(
            ASYNC_COMMIT,
            AsyncCommit.class,
            "whether health warns of synchronous_commit=off; default WARN"),
        new Setting(
            AUTHENTICATION,
            Authentication.class,
            "by what the store proves who it is: PASSWORD, IAM or SECRETS_MANAGER; default PASSWORD"),
        new Setting(
            SECRET, String.class, "name or ARN of the secret in AWS Secrets Manager; no default"),
        new Setting(
            HOST_PATTERNS,
            String.class,
            "where the instances of an Aurora Global Database are, separated by commas, as in ?.xyz.eu-west-1.rds.amazonaws.com; no default"),
        new Setting(
            BLUE_GREEN,
            Boolean.class,
            "whether to watch for a blue/green switch-over; default false"));
  }

  @Override
  public Store create(
      String name, String url, Properties properties, Map<String, Object> settings) {
    AuroraStore.Builder builder = AuroraStore.builder(name).url(url).properties(properties);
    if (settings.get(POOL_SIZE) instanceof Integer size) {
      builder.poolSize(size);
    }
    if (settings.get(LEDGER_EXPIRY) instanceof Duration expiry) {
      builder.ledgerExpiry(expiry);
    }
    if (settings.get(AUTHENTICATION) instanceof Authentication authentication) {
      builder.authentication(authentication);
    }
    if (settings.get(SECRET) instanceof String secret) {
      builder.secret(secret);
    }
    if (settings.get(HOST_PATTERNS) instanceof String patterns) {
      builder.hostPatterns(patterns.split(","));
    }
    builder.blueGreen(settings.get(BLUE_GREEN) == Boolean.TRUE);
    builder.asyncCommit(settings.get(ASYNC_COMMIT) == AsyncCommit.ALLOW);
    return builder.build();
  }
}
