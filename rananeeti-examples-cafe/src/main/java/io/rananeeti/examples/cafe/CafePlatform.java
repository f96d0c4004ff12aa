package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformListener;
import io.rananeeti.UpdateCounts;
import io.rananeeti.aurora.AuroraStore;
import io.rananeeti.store.Store;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens the data platform of the cafe. */
final class CafePlatform {

  /** The name of the store of its orders. */
  static final String STORE = "orders";

  private CafePlatform() {}

  /**
   * Opens it; the database may be down.
   *
   * <p>An order that is sent twice affects no row the second time, so update counts are not
   * promised.
   */
  static DataPlatform open(
      Database database,
      String url,
      Path log,
      @Nullable SharedLogSettings shared,
      @Nullable Receipts receipts,
      PlatformListener... listeners) {
    DataPlatform.Builder platform =
        DataPlatform.builder("cafe")
            .store(store(database, url))
            .log(log)
            .updateCounts(UpdateCounts.UNVERIFIED);
    if (receipts != null) {
      platform.store(receipts.store());
    }
    if (shared != null) {
      platform
          .sharedLog(SharedLog.open(shared))
          .nodeLease(shared.lease())
          .sharedDurability(shared.durability());
    }
    for (PlatformListener listener : listeners) {
      platform.listener(listener);
    }
    return platform.open();
  }

  private static Store store(Database database, String url) {
    AuroraStore.Builder store = AuroraStore.builder(STORE).url(url);
    if (database.user() != null) {
      store.user(database.user());
    }
    if (database.password() != null) {
      store.password(database.password());
    }
    return store.build();
  }
}
