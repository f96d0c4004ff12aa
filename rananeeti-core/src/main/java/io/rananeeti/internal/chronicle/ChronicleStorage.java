package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.storage.SegmentedStorage;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Log storage on Chronicle Queue: a row of segments, each a queue of one file that is written
 * through a mapping.
 *
 * <p>A queue that is opened again after a crash trusts what it finds: it appends where its header
 * says the end is, behind a hole if there is one, and waits for locks of the dead. So here a queue
 * is only ever written by the process that made it. The queue's own {@code sync} covers one chunk
 * and swallows errors, so it is not used. {@link SegmentedStorage} says what is done instead.
 */
public final class ChronicleStorage {

  static {
    System.setProperty("chronicle.analytics.disable", "true");
    System.setProperty("chronicle.announcer.disable", "true");
    System.setProperty("chronicle.disk.monitor.disable", "true");
  }

  private ChronicleStorage() {}

  /**
   * Opens the storage in a directory, or creates it.
   *
   * @throws IOException if it can't be opened; if the JVM lacks the flags that Chronicle needs, it
   *     says which to add
   */
  public static LogStorage open(Path directory) throws IOException {
    JvmFlags.check();
    return SegmentedStorage.open(new ChronicleForm(), directory);
  }
}
