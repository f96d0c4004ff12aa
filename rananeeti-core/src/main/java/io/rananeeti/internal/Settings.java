package io.rananeeti.internal;

import io.rananeeti.Deferral;
import io.rananeeti.Durability;
import io.rananeeti.PlatformListener;
import io.rananeeti.SharedDurability;
import io.rananeeti.UpdateCounts;
import io.rananeeti.VolatileFunctions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.LogStorage;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All settings of a platform; {@link io.rananeeti.DataPlatform.Builder} says what each means. */
public record Settings(
    String name,
    List<Store> stores,
    List<PlatformListener> listeners,
    Path logDirectory,
    LogStorage.Factory logStorage,
    LogSize logSize,
    Durability durability,
    boolean networkLog,
    @Nullable String acceptedLogLoss,
    Duration outageBudget,
    Duration inDoubtWait,
    Duration probeInterval,
    Deferral deferral,
    UpdateCounts updateCounts,
    int drainWidth,
    Seams seams,
    VolatileFunctions volatileFunctions,
    Audit audit,
    Duration intentRetention,
    @Nullable Duration retain,
    @Nullable Shared shared,
    @Nullable ArchiveStorage archive) {

  /**
   * How the log is shared with other nodes.
   *
   * @param durability where an accepted transaction has to be
   * @param lease how long a node may be silent before others take it for dead
   * @param contents where content is that is too large for an entry; null if there is no such place
   */
  public record Shared(
      SharedLogStorage storage,
      SharedDurability durability,
      Duration lease,
      @Nullable ContentStorage contents) {}

  /**
   * Whether what could not go on in an outage is noted.
   *
   * @param on whether it is
   * @param files what the names of the report's files begin with; null for none
   */
  public record Audit(boolean on, @Nullable Path files) {}

  /**
   * How large the log may get; null stands for the default, which the disk decides.
   *
   * @param maxBytes its files together
   * @param freeFloor what stays free on the disk
   */
  public record LogSize(@Nullable Long maxBytes, @Nullable Long freeFloor) {}
}
