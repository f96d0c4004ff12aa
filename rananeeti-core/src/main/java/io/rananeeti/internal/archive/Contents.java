package io.rananeeti.internal.archive;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.codec.ArchiveCodec;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveIndex.Data;
import io.rananeeti.internal.codec.ArchiveIndex.Numbers;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is noted of the entries of an object while it is written. Used by one thread. */
final class Contents {

  private static final long DAY = Duration.ofDays(1).toSeconds();

  private final Map<String, Long> kinds = new LinkedHashMap<>();
  private final Map<UUID, Numbers> ids = new LinkedHashMap<>();
  private @Nullable Instant first;
  private @Nullable Instant from;
  private @Nullable Instant to;

  void add(LogRecord record) {
    kinds.merge(ArchiveCodec.kind(record), 1L, Long::sum);
    for (TransactionId id : named(record)) {
      ids.compute(
          id.incarnation(),
          (any, numbers) ->
              numbers == null ? new Numbers(id.number(), id.number()) : numbers.and(id.number()));
    }
    Instant at = at(record);
    if (at != null) {
      first = first == null ? at : first;
      from = from == null || at.isBefore(from) ? at : from;
      to = to == null || at.isAfter(to) ? at : to;
    }
  }

  /** Whether it is of a later day (UTC) than the first of them. */
  boolean isOfALaterDay(LogRecord record) {
    Instant at = at(record);
    return at != null && first != null && day(at) > day(first);
  }

  private static long day(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), DAY);
  }

  ArchiveIndex index(ArchiveName name, Data data) {
    return new ArchiveIndex(name, from, to, kinds, ids, data);
  }

  /** The transactions that a record names. */
  static List<TransactionId> named(LogRecord record) {
    List<TransactionId> named = new ArrayList<>();
    Transaction transaction = transaction(record);
    if (transaction != null) {
      named.add(transaction.id());
      TransactionId replaced = transaction.replaces();
      if (replaced != null) {
        named.add(replaced);
      }
    } else if (record instanceof LogRecord.Mark mark) {
      named.add(mark.id());
    } else if (record instanceof LogRecord.Moved moved) {
      named.add(moved.id());
    }
    return named;
  }

  /** The transaction in a record; null if it holds none. */
  static @Nullable Transaction transaction(LogRecord record) {
    if (record instanceof LogRecord.Accepted accepted) {
      return accepted.transaction();
    }
    return record instanceof LogRecord.Retained retained ? retained.transaction() : null;
  }

  /** When it was written, by the clock of the node that did so; null if it does not say. */
  static @Nullable Instant at(LogRecord record) {
    Transaction transaction = transaction(record);
    if (transaction != null) {
      return transaction.acceptedAt();
    } else if (record instanceof LogRecord.Mark mark) {
      return mark.at();
    } else if (record instanceof LogRecord.Opened opened) {
      return opened.at();
    } else if (record instanceof LogRecord.Held held) {
      return held.at();
    } else if (record instanceof LogRecord.Adopted adopted) {
      return adopted.at();
    }
    return record instanceof LogRecord.Lost lost ? lost.at() : null;
  }
}
