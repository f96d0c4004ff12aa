package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.store.Transaction;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was written to a log and acknowledged, to be held against what is read from it later. The
 * content of a record follows from its number and its size, which stand in it. Thread-safe.
 */
final class Written {

  private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();

  static LogRecord record(long number, int size) {
    String value = number + ":" + size + ":" + "x".repeat(size);
    return new LogRecord.Accepted(TransactionLogContract.transaction(number, value), false);
  }

  void acknowledged(long number, long sequence) {
    acknowledged.put(number, sequence);
  }

  int count() {
    return acknowledged.size();
  }

  /** What is acknowledged at this moment. */
  Written now() {
    Written copy = new Written();
    copy.acknowledged.putAll(acknowledged);
    return copy;
  }

  /**
   * Fails unless everything acknowledged is in the log, at its place, once, and everything in the
   * log was written: without a gap, in order, each with the content of its number.
   *
   * @return how many records there are
   */
  int verify(TransactionLog log, String what) {
    Map<Long, Long> found = new HashMap<>();
    long expected = 1;
    try (LogCursor cursor = log.read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        assertThat(entry.sequence()).as(what).isEqualTo(expected++);
        if (entry.record() instanceof LogRecord.Accepted accepted) {
          long number = accepted.transaction().id().number();
          assertThat(accepted.equals(record(number, size(accepted.transaction()))))
              .as("%s: content of %d", what, number)
              .isTrue();
          assertThat(found.put(number, entry.sequence())).as("%s: %d twice", what, number).isNull();
        }
      }
    }
    Map<Long, Long> missing = new TreeMap<>(acknowledged);
    missing.entrySet().removeAll(found.entrySet());
    assertThat(missing.keySet())
        .as("%s: acknowledged=%d read=%d missing", what, count(), found.size())
        .isEmpty();
    return found.size();
  }

  private static int size(Transaction transaction) {
    Object value = transaction.operations().get(0).rows().get(0).get(0).value();
    return Integer.parseInt(String.valueOf(value).split(":", 3)[1]);
  }
}
