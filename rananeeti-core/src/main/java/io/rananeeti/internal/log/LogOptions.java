package io.rananeeti.internal.log;

import io.rananeeti.Durability;

/**
 * How a log is kept.
 *
 * @param limits how much disk it may take
 * @param durability what an acknowledgement survives
 * @param onNetwork whether its directory may be on a network file system
 */
public record LogOptions(LogLimits limits, Durability durability, boolean onNetwork) {

  /** Forced, on a local disk, within these limits. */
  public static LogOptions within(LogLimits limits) {
    return new LogOptions(limits, Durability.FORCE, false);
  }
}
