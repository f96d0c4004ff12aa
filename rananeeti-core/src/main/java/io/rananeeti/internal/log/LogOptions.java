package io.rananeeti.internal.log;

import io.rananeeti.Durability;
import org.jspecify.annotations.Nullable;

/**
 * How a log is kept.
 *
 * @param limits how much disk it may take
 * @param durability what an acknowledgement survives
 * @param onNetwork whether its directory may be on a network file system
 * @param acceptedLoss the lost entries that it may go on without, as its refusal to start has named
 *     them; null for none
 */
public record LogOptions(
    LogLimits limits, Durability durability, boolean onNetwork, @Nullable String acceptedLoss) {

  /** Going on without no entry that was lost. */
  public LogOptions(LogLimits limits, Durability durability, boolean onNetwork) {
    this(limits, durability, onNetwork, null);
  }

  /** Forced, on a local disk, within these limits. */
  public static LogOptions within(LogLimits limits) {
    return new LogOptions(limits, Durability.FORCE, false);
  }
}
