package io.rananeeti.internal;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The one pass over the log at open: what waits, what was refused and by what it was replaced, and
 * which incarnations there were. Keeps one bit an entry, and the refused ones.
 */
final class JournalScan {

  private record Refused(long entry, LogRecord.Mark mark) {}

  private final Journal journal;
  private final Map<TransactionId, Refused> refused = new LinkedHashMap<>();
  private final Set<Instant> lossesAt = new HashSet<>();
  private final Map<Long, LogRecord.Retained> sent = new LinkedHashMap<>();
  private final Map<Long, String> writers = new HashMap<>();

  JournalScan(Journal journal) {
    this.journal = journal;
  }

  void run() {
    try (LogCursor cursor = journal.log().read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        journal.passed(entry.sequence());
        take(entry.sequence(), entry.record());
      }
    }
    refused.values().forEach(this::addLetter);
    sent.forEach(this::doubted);
  }

  /** Its COMMIT was sent, or was about to be, when the process ended. */
  private void doubted(long sequence, LogRecord.Retained retained) {
    Transaction transaction = retained.transaction();
    journal.backlog(transaction.store()).again(sequence, transaction.acceptedAt());
    String writer = writers.get(sequence);
    journal.tail(transaction.store()).doubted(sequence, new Tail.Doubt(retained.again(), writer));
    if (retained.again()) {
      journal.intents().found(sequence, transaction);
    }
  }

  /** What was refused can be gone where a person has accepted the loss of entries. */
  private void addLetter(Refused letter) {
    Transaction transaction = journal.find(letter.entry());
    if (transaction == null) {
      journal.lostLetter(letter.mark());
    } else {
      journal.book().add(letter.entry(), transaction, letter.mark());
    }
  }

  private void take(long sequence, LogRecord record) {
    if (record instanceof LogRecord.Opened opened) {
      journal.found(opened.incarnation(), true);
    } else if (record instanceof LogRecord.Registered known) {
      if (journal.hasStore(known.store())) {
        journal.foundRegistered(sequence, known.store(), known.incarnation());
      }
    } else if (record instanceof LogRecord.Adopted adopted) {
      journal.setAsideBelow(adopted.store(), adopted.setAsideBelow());
      journal.leases().forget(adopted.store());
      journal.intents().forgetApplied(adopted.store());
      if (adopted.setAsideBelow() > 0 && journal.hasStore(adopted.store())) {
        journal.tail(adopted.store()).forgetKept();
      }
    } else if (record instanceof LogRecord.Accepted accepted) {
      retried(sequence, accepted);
      accepted(sequence, accepted.transaction());
    } else if (record instanceof LogRecord.Mark mark) {
      discarded(sequence, mark);
      marked(mark);
      journal.foundSettled(mark.id());
    } else if (record instanceof LogRecord.Moved moved) {
      journal.foundPlace(moved.id(), sequence);
    } else if (record instanceof LogRecord.Leased leased) {
      journal.leases().found(leased, sequence);
    } else if (record instanceof LogRecord.Drawn drawn) {
      journal.leases().found(drawn);
    } else if (record instanceof LogRecord.Held held) {
      if (journal.hasStore(held.store())) {
        journal.held(sequence, held);
      }
      journal.decided(sequence, Decisions.held(held));
    } else if (record instanceof LogRecord.Retained retained) {
      retained(sequence, retained);
    } else if (record instanceof LogRecord.Era era) {
      if (journal.hasStore(era.store())) {
        journal.found(sequence, era);
        journal.tail(era.store()).found(era);
      }
    } else if (record instanceof LogRecord.Lost lost) {
      journal.lost(sequence, lost.at());
      if (lossesAt.add(lost.at())) {
        journal.decided(sequence, Decisions.lossAccepted(lost.at()));
      }
    }
  }

  private void retried(long sequence, LogRecord.Accepted accepted) {
    Refused letter = refused.get(accepted.transaction().replaces());
    if (accepted.by() != null) {
      Transaction refusedBefore = letter == null ? null : journal.find(letter.entry());
      journal.decided(sequence, Decisions.retried(accepted, refusedBefore));
    }
  }

  private void discarded(long sequence, LogRecord.Mark mark) {
    if (mark.by() != null) {
      Refused letter = refused.get(mark.id());
      Transaction refusedBefore = letter == null ? null : journal.find(letter.entry());
      String store = refusedBefore == null ? "" : refusedBefore.store();
      journal.decided(sequence, Decisions.discarded(mark, store));
    }
  }

  private void accepted(long sequence, Transaction transaction) {
    journal.found(transaction.id().incarnation(), false);
    journal
        .backlog(transaction.store())
        .found(sequence, transaction.acceptedAt(), transaction.isAcrossStores());
    journal.contents().found(sequence, transaction);
    journal.intents().found(sequence, transaction);
    if (transaction.replaces() != null) {
      Refused letter = refused.remove(transaction.replaces());
      journal.book().retrying(transaction, letter == null ? 0 : letter.entry());
      journal.book().remove(transaction.replaces());
    }
  }

  private void retained(long sequence, LogRecord.Retained retained) {
    Transaction transaction = retained.transaction();
    journal.found(transaction.id().incarnation(), false);
    Tail tail = journal.tail(transaction.store());
    tail.saw(retained.seen());
    journal.contents().found(sequence, transaction);
    sent.put(sequence, retained);
    writers.put(sequence, String.valueOf(tail.writer()));
  }

  /**
   * Acknowledged for the first time: kept from here on; unless it was refused when it was applied
   * again.
   */
  private void acknowledged(LogRecord.Mark mark) {
    LogRecord.Retained retained = sent.remove(mark.entry());
    writers.remove(mark.entry());
    String store =
        retained == null ? journal.storeThatWaitsFor(mark.entry()) : retained.transaction().store();
    if (mark.outcome() != Outcome.APPLIED) {
      if (store == null) {
        journal.notKept(mark.entry()); // It may have been acknowledged before.
      }
    } else if (store != null && journal.retains(store)) {
      journal.tail(store).found(mark.entry(), mark.id(), mark.at());
    }
  }

  private void marked(LogRecord.Mark mark) {
    acknowledged(mark);
    journal.settledAtOpen(mark.entry());
    foundIntent(mark);
    refused.remove(mark.id());
    if (mark.outcome() != Outcome.REFUSED) {
      journal.book().remove(mark.id());
    } else {
      refused.put(mark.id(), new Refused(mark.entry(), mark));
    }
  }

  private void foundIntent(LogRecord.Mark mark) {
    String note = mark.note();
    TransactionId first =
        mark.outcome() == Outcome.DUPLICATE && note != null ? TransactionId.parse(note) : null;
    boolean fulfilled = first != null || mark.outcome() == Outcome.APPLIED;
    journal.intents().foundMark(mark.entry(), fulfilled, first, mark.at());
  }
}
