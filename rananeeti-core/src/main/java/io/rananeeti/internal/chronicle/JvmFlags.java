package io.rananeeti.internal.chronicle;

import java.io.IOException;
import net.openhft.chronicle.queue.ChronicleQueue;

/** What Chronicle Queue needs of the JVM: it maps files by methods that Java does not export. */
final class JvmFlags {

  private static final String MISSING =
      "Chronicle Queue, which the log is kept on, needs two flags of the JVM: add"
          + " \"--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"
          + " --add-opens=java.base/java.lang.reflect=ALL-UNNAMED\" to the command line or to"
          + " JAVA_TOOL_OPTIONS, or \"Add-Exports: java.base/sun.nio.ch\" and \"Add-Opens:"
          + " java.base/java.lang.reflect\" to the manifest of the executable jar; or keep the log on"
          + " plain files, which need none: logStorage(LogStorageType.FILE), or"
          + " -Drananeeti.log-storage=FILE";

  private JvmFlags() {}

  /**
   * Looks before Chronicle's classes are initialized, which would fail for good and say less.
   *
   * @throws IOException that says what to add
   */
  static void check() throws IOException {
    if (!sufficeFor(ChronicleQueue.class.getModule())) {
      throw new IOException(MISSING);
    }
  }

  static boolean sufficeFor(Module chronicle) {
    Module base = Object.class.getModule();
    return base.isExported("sun.nio.ch", chronicle) && base.isOpen("java.lang.reflect", chronicle);
  }
}
