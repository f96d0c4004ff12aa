package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Durability;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.internal.time.Seams;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What entries that wait cost in memory, while they come and after a restart. */
final class JournalMemoryTest {

  private static final String STORE = "orders";
  private static final int ENTRIES =
      Boolean.getBoolean("rananeeti.test.full") ? 1_000_000 : 200_000;
  private static final long LIMIT = 32L << 20;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  JournalMemoryTest() {}

  @Test
  void entriesThatWaitTakeNoMemoryToSpeakOf() {
    long before = heap();
    try (DurableLog log = open()) {
      Ids ids = new Ids(log.incarnation());
      Journal journal = journal(log, ids);
      for (int number = 0; number < ENTRIES; number++) {
        journal.accept(Transactions.of(ids.next(), STORE, null), false);
      }

      assertThat(journal.backlog(STORE).count()).isEqualTo(ENTRIES);
      assertLittle("accepted", heap() - before);
      assertThat(journal.backlog(STORE).waits(ENTRIES)).isTrue();
    }

    try (DurableLog log = open()) {
      Journal journal = journal(log, new Ids(log.incarnation()));

      assertLittle("found at open", heap() - before);
      assertThat(journal.backlog(STORE).count()).isEqualTo(ENTRIES);
      assertThat(journal.backlog(STORE).first()).isEqualTo(2);
    }
  }

  private static void assertLittle(String what, long growth) {
    System.out.printf("%d entries %s: heap grew by %d KB%n", ENTRIES, what, growth >> 10);
    assertThat(growth).as(what).isLessThan(LIMIT);
  }

  /** What is used once garbage is gone. */
  private static long heap() {
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    while (garbage.get() != null) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static Journal journal(DurableLog log, Ids ids) {
    return new Journal(log, Seams.system(), ids, new DeadLetterBook(), List.of(STORE));
  }

  private DurableLog open() {
    LogOptions options = new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false);
    return DurableLog.open(directory, FileStorage::open, options, Seams.system(), "memory");
  }
}
