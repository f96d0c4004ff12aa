package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock between JVMs, held on a file, that also works between the threads of one JVM.
 *
 * <p>It ends with the JVM that holds it, however that dies. Within one JVM all files share one
 * lock.
 */
final class FileGuard {

  private static final ReentrantLock WITHIN_THIS_JVM = new ReentrantLock();

  private FileGuard() {}

  /** Waits for the lock on the file, which is created if need be, and acts under it. */
  static void holding(Path file, Action action) throws IOException {
    WITHIN_THIS_JVM.lock();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      action.run();
    } finally {
      WITHIN_THIS_JVM.unlock();
    }
  }

  /** What is done under the lock. */
  interface Action {
    void run() throws IOException;
  }
}
