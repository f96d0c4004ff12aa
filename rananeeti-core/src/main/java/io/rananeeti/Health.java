package io.rananeeti;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a platform is, at one moment.
 *
 * @param takesWork whether a commit that may be deferred would succeed: a store is up, or the log
 *     takes entries
 * @param logTakesEntries false when the log is full or has ended
 * @param stores each store by its name
 * @param shared the nodes that the log is shared with; null where it is not ({@link
 *     DataPlatform.Builder#sharedLog})
 * @param spooledBytes what is kept beside the log because it is too large for an entry; counts with
 *     the log against its limits
 * @param archive how far the archive of the log is; null where there is none ({@link
 *     DataPlatform.Builder#archive(io.rananeeti.log.ArchiveStorage)})
 */
public record Health(
    boolean takesWork,
    boolean logTakesEntries,
    Map<String, StoreHealth> stores,
    @Nullable Shared shared,
    long spooledBytes,
    @Nullable Archive archive) {

  /** Copies the map. */
  public Health {
    stores = Map.copyOf(stores);
  }

  /**
   * How one store is.
   *
   * @param availability whether its writer can be reached
   * @param since when that began
   * @param backlog accepted transactions that wait
   * @param oldest how long the oldest of them has waited, null when none waits
   * @param accepted transactions accepted into the log since the platform was opened
   * @param applied transactions of the log applied since the platform was opened
   * @param deadLetters dead letters that wait for a person
   * @param alarms what a person must look at; empty in good health
   * @param hold by whom and why nothing reaches for it; null if nobody holds it
   * @param tail what is kept for other regions; null where nothing is ({@link
   *     DataPlatform.Builder#retain})
   */
  public record StoreHealth(
      Availability availability,
      Instant since,
      long backlog,
      @Nullable Duration oldest,
      long accepted,
      long applied,
      int deadLetters,
      List<String> alarms,
      @Nullable Hold hold,
      @Nullable Tail tail) {

    /** Copies the list. */
    public StoreHealth {
      alarms = List.copyOf(alarms);
    }
  }

  /**
   * The nodes that share a log, as this one has seen them last.
   *
   * @param node this node's number; 0 before it has one
   * @param alone whether it does not reach the shared log, and goes on by itself
   * @param nodes all of them, by number, and whether they live; what a dead one has left is being
   *     applied by another one
   * @param modes what nodes may do with each store now: commit directly ({@code DIRECT}), or only
   *     by way of the log ({@code LOGGED}, {@code CLOSING})
   */
  public record Shared(
      long node, boolean alone, Map<Long, Boolean> nodes, Map<String, String> modes) {

    /** Copies the maps. */
    public Shared {
      nodes = Map.copyOf(nodes);
      modes = Map.copyOf(modes);
    }
  }

  /**
   * Transactions that were acknowledged, and are kept until all other regions have them.
   *
   * @param kept how many are not known to be there
   * @param oldest how long the oldest of them has been kept, in full seconds or so; null when none
   *     is
   * @param givenUp how many were acknowledged since the platform was opened without being kept long
   *     enough: they could not be recorded, the log had no room, or the longest time was over
   * @param appliedAgain how many a writer was found to lack since the platform was opened
   */
  public record Tail(long kept, @Nullable Duration oldest, long givenUp, long appliedAgain) {}

  /**
   * How far the archive of the log is.
   *
   * @param archived entries that were archived since the platform was opened
   * @param waiting settled entries that the log keeps for the archive only. Some always wait: an
   *     object is put once it is large enough, or a day old, or of an earlier open of the log
   * @param givenUp settled entries that were given back without being archived since the platform
   *     was opened, because the log was full
   * @param failingSince since when it can't be written; null if it can
   */
  public record Archive(
      long archived, long waiting, long givenUp, @Nullable Instant failingSince) {}

  /**
   * A person keeps the platform away from a store, see {@link DataPlatform#hold}.
   *
   * @param by who
   * @param reason why
   * @param since since when, by this node's clock
   */
  public record Hold(String by, String reason, Instant since) {

    /** In words. */
    @Override
    public String toString() {
      return "held by %s since %s: %s".formatted(by, since, reason);
    }
  }
}
