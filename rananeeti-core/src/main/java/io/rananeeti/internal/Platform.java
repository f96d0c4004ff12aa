package io.rananeeti.internal;

import io.rananeeti.DataPlatform;

/** A platform. */
public abstract class Platform implements DataPlatform {

  /** Opens the log and starts. */
  public static DataPlatform open(Settings settings) {
    return java.util.Objects.requireNonNull((DataPlatform) settings.seams());
  }
}
