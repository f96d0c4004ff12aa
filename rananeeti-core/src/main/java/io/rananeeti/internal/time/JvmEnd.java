package io.rananeeti.internal.time;

/** Something that is done when the JVM ends in an orderly way; a killed one does nothing. */
public final class JvmEnd {

  private final Thread hook;

  private JvmEnd(Thread hook) {
    this.hook = hook;
  }

  /**
   * Begins to wait for the end.
   *
   * @param last quick, and needs nothing that other hooks may have closed
   */
  public static JvmEnd run(String name, Runnable last) {
    JvmEnd end = new JvmEnd(new Thread(last, name));
    Runtime.getRuntime().addShutdownHook(end.hook);
    return end;
  }

  /** Does not wait any more; too late once the JVM ends. */
  public void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException tooLate) {
      // It runs, or has run.
    }
  }
}
