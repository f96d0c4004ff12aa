package io.rananeeti.testkit;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Ends a child JVM with the process that started it, however that ends: its end closes the standard
 * input.
 */
final class EndWithParent {

  private EndWithParent() {}

  static void watch() {
    Thread watch = new Thread(EndWithParent::await, "end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void await() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException broken) {
      // The same as its end.
    }
    Runtime.getRuntime().halt(0);
  }
}
