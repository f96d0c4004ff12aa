package io.rananeeti.internal.driver;

import io.rananeeti.DataPlatform;
import io.rananeeti.Deferral;
import io.rananeeti.Durability;
import io.rananeeti.LogStorageType;
import io.rananeeti.UpdateCounts;
import io.rananeeti.VolatileFunctions;
import io.rananeeti.store.StoreProvider.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The settings of {@link DataPlatform.Builder} by name: the builder's {@code updateCounts} is
 * {@code rananeeti.update-counts} here, and {@code RANANEETI_UPDATE_COUNTS} in the environment.
 */
final class PlatformSettings {

  /** The platform's name. */
  static final Setting NAME =
      new Setting(
          "name",
          String.class,
          "names the platform, and the directory of its log under ./rananeeti; default: the database's name");

  private static final Map<Setting, BiConsumer<DataPlatform.Builder, Object>> BUILDER =
      new LinkedHashMap<>();

  static {
    add(
        "log",
        Path.class,
        "the log's directory; default ./rananeeti/<name>",
        DataPlatform.Builder::log);
    add(
        "log-storage",
        LogStorageType.class,
        "what the log keeps its bytes on; default CHRONICLE",
        DataPlatform.Builder::logStorage);
    add(
        "durability",
        Durability.class,
        "which crash an accepted transaction survives; default FORCE",
        DataPlatform.Builder::durability);
    add(
        "max-log-bytes",
        Long.class,
        "how large the log may become; default 16GiB, from 256MiB",
        DataPlatform.Builder::maxLogBytes);
    add(
        "free-disk-floor",
        Long.class,
        "how much stays free on the log's disk; default 5 % of it, at most 1GiB",
        DataPlatform.Builder::freeDiskFloor);
    add(
        "network-log",
        Boolean.class,
        "whether the log may be on a network file system; default false",
        DataPlatform.Builder::networkLog);
    add(
        "outage-budget",
        Duration.class,
        "how long the first callers of an outage may wait; default 2s, 100ms to 1m",
        DataPlatform.Builder::outageBudget);
    add(
        "in-doubt-wait",
        Duration.class,
        "how long a commit in doubt that may not be deferred waits; default 30s, 0s to 10m",
        DataPlatform.Builder::inDoubtWait);
    add(
        "probe-interval",
        Duration.class,
        "how often the writer is looked at; default 1s, 50ms to 1m",
        DataPlatform.Builder::probeInterval);
    add(
        "deferral",
        Deferral.class,
        "which transactions may be accepted into the log; default ALL",
        DataPlatform.Builder::deferral);
    add(
        "update-counts",
        UpdateCounts.class,
        "what an update answers in an outage; default PROMISE_ONE",
        DataPlatform.Builder::updateCounts);
    add(
        "volatile-functions",
        VolatileFunctions.class,
        "what a write in an outage may do that calls functions such as now(); default REFUSE",
        DataPlatform.Builder::volatileFunctions);
    add(
        "drain-width",
        Integer.class,
        "how many ordering keys are applied side by side; default 4, 1 to 64",
        DataPlatform.Builder::drainWidth);
    add(
        "audit",
        Path.class,
        "where a report of what could not go on in an outage is written, for tests; default none",
        DataPlatform.Builder::audit);
    add(
        "intent-retention",
        Duration.class,
        "how long an intent key is kept; default 24h, 1m to 90d",
        DataPlatform.Builder::intentRetention);
    add(
        "retain",
        Duration.class,
        "how long transactions are kept for other regions at the most, until these have them; default not at all, 1m to 30d",
        DataPlatform.Builder::retain);
    add(
        "archive",
        String.class,
        "where settled entries are archived before the log gives them back: a directory, or s3://...; default nowhere",
        DataPlatform.Builder::archive);
  }

  private PlatformSettings() {}

  private static <T> void add(
      String name, Class<T> type, String description, BiConsumer<DataPlatform.Builder, T> method) {
    BUILDER.put(
        new Setting(name, type, description),
        (builder, value) -> method.accept(builder, type.cast(value)));
  }

  /** All but the name. */
  static Set<Setting> all() {
    return BUILDER.keySet();
  }

  /** Sets what was given. */
  static void apply(Map<String, Object> values, DataPlatform.Builder builder) {
    BUILDER.forEach(
        (setting, method) -> {
          Object value = values.get(setting.name());
          if (value != null) {
            method.accept(builder, value);
          }
        });
  }
}
