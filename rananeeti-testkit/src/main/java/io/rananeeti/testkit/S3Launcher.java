package io.rananeeti.testkit;

import java.io.IOException;
import java.io.OutputStream;

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
    Thread watch = new Thread(S3Launcher::endWithParent, "end-with-parent");
    watch.setDaemon(true);
    watch.start();
    Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
  }

  private static void endWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException broken) {
      // The same as its end.
    }
    Runtime.getRuntime().halt(0);
  }
}
