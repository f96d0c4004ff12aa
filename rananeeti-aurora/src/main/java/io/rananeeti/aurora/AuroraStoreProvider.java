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

  /** What becomes of {@code synchronous_commit=off} (C8). */
  private enum AsyncCommit {
    WARN,
    ALLOW
  }

  /** For {@link java.util.ServiceLoader}. */
  public AuroraStoreProvider() {}

  @Override
  public boolean accepts(String url) {
    return url.startsWith(Endpoint.PREFIX);
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
            "whether health warns of synchronous_commit=off; default WARN"));
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
    builder.asyncCommit(settings.get(ASYNC_COMMIT) == AsyncCommit.ALLOW);
    return builder.build();
  }
}
