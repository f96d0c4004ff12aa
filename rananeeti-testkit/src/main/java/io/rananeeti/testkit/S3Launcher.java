package io.rananeeti.testkit;

/**
 * The main program of the JVM in which S3Proxy runs, no longer than the process that started it,
 * whose end closes the standard input. It is found by name on the class path, never compiled
 * against.
 */
final class S3Launcher {

  private static final String MAIN = "org.gaul.s3proxy.Main";

  private S3Launcher() {}

  /** Takes the arguments of S3Proxy. */
  public static void main(String[] arguments) throws Exception {
    EndWithParent.watch();
    Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
  }
}
