package io.rananeeti;

/** Which transactions may be accepted into the log while no writer can be reached. */
public enum Deferral {
  /** All but those with {@code rananeeti.defer=false}. The default. */
  ALL,
  /** Only those with {@code rananeeti.defer=true}. */
  MARKED,
  /** None: an outage is met as it would be without the platform. */
  NONE
}
