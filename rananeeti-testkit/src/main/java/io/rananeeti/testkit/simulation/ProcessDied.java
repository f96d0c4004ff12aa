package io.rananeeti.testkit.simulation;

/** Unwinds the threads of a process that has died: whatever they try next throws it again. */
final class ProcessDied extends Error {

  private static final long serialVersionUID = 1;

  ProcessDied() {
    super("the process has died", null, true, false);
  }
}
