package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * A parameter as the application gave it.
 *
 * @param call how the driver gets it
 * @param kept what can be run again, or put off; null if that can't be done
 * @param unkept why not; empty if it can
 * @param isLong whether it is a stream that only is too long for memory, and would go to the spool
 *     in an outage
 */
record Given(Call call, @Nullable Parameter kept, String unkept, boolean isLong) {

  static Given kept(Call call, Parameter parameter) {
    return new Given(call, parameter, "", false);
  }

  static Given unkept(Call call, String why) {
    return unkept(call, why, false);
  }

  static Given unkept(Call call, String why, boolean isLong) {
    return new Given(call, null, "parameter %s is %s".formatted(call.args().get(0), why), isLong);
  }

  /** Whether the driver can be given it only once. */
  boolean once() {
    return call.args().get(1) instanceof PassedOn;
  }
}
