package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many entries wait in a shared log, and little of that is in memory. */
class SharedLogMemoryTest {

  private static final int ENTRIES = Boolean.getBoolean("rananeeti.test.full") ? 1_000_000 : 50_000;
  private static final int TOGETHER = 50;
  private static final long MOST = 24L << 20;

  @TempDir Path directory;

  @Test
  void keepsLittleInMemoryHoweverManyEntriesWait() throws Exception {
    FileSharedStorage storage = new FileSharedStorage(directory);
    long before = used();
    SharedLog log = SharedLog.open(storage, "cafe", 1, SharedLogOptions.of("many"), Seams.system());
    for (int i = 1; i < ENTRIES; i++) {
      long sequence = log.append(TransactionLogContract.mark(i));
      if (i % TOGETHER == 0) {
        log.force(sequence);
      }
    }
    log.force(ENTRIES);
    assertThat(used() - before).isLessThan(MOST);

    try (LogCursor cursor = log.read(1)) {
      for (long sequence = 1; sequence <= ENTRIES; sequence++) {
        LogEntry entry = Objects.requireNonNull(cursor.next(), "entry");
        assertThat(entry.sequence()).isEqualTo(sequence);
        if (sequence % (ENTRIES / 4) == 0) {
          assertThat(used() - before).isLessThan(MOST);
        }
      }
    }
    assertThat(followed(storage)).isEqualTo(ENTRIES);
    log.close();
  }

  private static long followed(FileSharedStorage storage) throws Exception {
    SharedLogReader reader = SharedLogReader.of(storage, "cafe", 1, 1);
    long count = 0;
    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
      count += batch.entries().size();
    }
    return count;
  }

  private static long used() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
