package io.rananeeti;

/** Which crash an accepted transaction survives before it is applied. */
public enum Durability {
  /**
   * A crash of the process, of the machine, and a power cut: an accepted commit returns once its
   * entry is forced to the disk. The default.
   */
  FORCE,

  /**
   * A crash of the process only, kill -9 included: an accepted commit returns once its entry is
   * written to the operating system. A crash of the machine or a power cut may take with it what
   * was accepted in the last half minute or so, without a trace. Much faster; for what can be lost.
   */
  PROCESS
}
