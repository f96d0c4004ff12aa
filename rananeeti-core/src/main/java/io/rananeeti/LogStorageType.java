package io.rananeeti;

/** What the local log keeps its bytes on. Both give the same guarantees, by the same tests. */
public enum LogStorageType {
  /**
   * Chronicle Queue, the default. Needs two flags of the JVM ({@code
   * --add-exports=java.base/sun.nio.ch=ALL-UNNAMED} and {@code
   * --add-opens=java.base/java.lang.reflect=ALL-UNNAMED}); without them the platform does not open,
   * and says so.
   */
  CHRONICLE,

  /** Plain files, made of zeros ahead and written by ordinary writes. Needs no flags. */
  FILE
}
