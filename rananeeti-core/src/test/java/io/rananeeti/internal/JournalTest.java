package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JournalTest {

  private static final String STORE = "orders";
  private static final Refusal REFUSAL = new Refusal("23514", "harmless");

  private final ListLog log = new ListLog();
  private final Ids ids = new Ids(log.incarnation());
  private final DeadLetterBook book = new DeadLetterBook();

  @Test
  void aMarkThatOvertakesTheAcceptanceIsNotForgotten() {
    Journal journal = open();
    TransactionId id = ids.next();
    log.afterForce(
        () -> {
          journal.backlog(STORE).seen(1);
          journal.mark(STORE, 1, id, Outcome.APPLIED, null, 0);
        });

    journal.accept(Transactions.of(id, STORE, null), false);

    assertThat(journal.outcome(id)).isEqualTo(Outcome.APPLIED);
    assertThat(journal.backlog(STORE).count()).isZero();
  }

  @Test
  void aRefusalIsInTheLogBeforeItsLetterCanBeDiscarded() {
    Journal journal = open();
    TransactionId id = ids.next();
    journal.accept(Transactions.of(id, STORE, "k"), false);
    log.whenAppended(record -> assertThat(book.list()).isEmpty());

    DeadLetter letter = journal.refuse(1, Transactions.of(id, STORE, "k"), REFUSAL);

    assertThat(book.list()).containsExactly(letter);
    assertThat(journal.outcome(id)).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void whatCouldNotBeAppendedIsNotCounted() {
    Journal journal = open();
    log.full(true);

    assertThatThrownBy(() -> journal.accept(Transactions.of(ids.next(), STORE, null), false))
        .isInstanceOf(LogFullException.class);

    assertThat(journal.backlog(STORE).count()).isZero();
    assertThat(journal.backlog(STORE).oldest()).isNull();
  }

  /** A full log is given its space back also if what another node had left did not fit in. */
  @Test
  void whatCouldNotBeMovedKeepsNothing() {
    Journal journal = open();
    log.full(true);
    assertThatThrownBy(() -> journal.move(Transactions.of(ids.next(), STORE, null), 7))
        .isInstanceOf(LogFullException.class);
    log.full(false);
    log.whenAppended(record -> log.full(true));
    assertThatThrownBy(() -> journal.move(Transactions.of(ids.next(), STORE, null), 8))
        .isInstanceOf(LogFullException.class);
    log.full(false);

    journal.release();

    assertThat(log.releasedBelow()).isEqualTo(log.forced() + 1).isGreaterThan(1);
  }

  @Test
  void theScanAtOpenFindsWhatWaitsAndWhatIsADeadLetter() {
    TransactionId applied = ids.next();
    TransactionId waiting = ids.next();
    TransactionId refused = ids.next();
    accepted(applied, null);
    accepted(waiting, null);
    accepted(refused, "k");
    mark(1, applied, Outcome.APPLIED, null);
    mark(3, refused, Outcome.REFUSED, REFUSAL);

    Journal journal = open();

    assertThat(journal.backlog(STORE).count()).isEqualTo(1);
    assertThat(journal.backlog(STORE).first()).isEqualTo(2);
    assertThat(journal.outcome(applied)).isIn(Outcome.APPLIED, null);
    assertThat(book.get(refused)).isNotNull();
    assertThat(book.parks(STORE, "k")).isTrue();
  }

  @Test
  void theScanAtOpenKeepsAKeyParkedBehindARetryThatWaits() {
    TransactionId refused = ids.next();
    TransactionId retry = ids.next();
    accepted(refused, "k");
    mark(1, refused, Outcome.REFUSED, REFUSAL);
    log.append(new LogRecord.Accepted(Transactions.retry(retry, STORE, "k", refused), false));

    open();

    assertThat(book.get(refused)).isNull();
    assertThat(book.parks(STORE, "k")).isTrue();
    assertThat(book.remove(retry)).isTrue();
    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void theScanAtOpenTakesADiscardedLetterForGone() {
    TransactionId refused = ids.next();
    accepted(refused, "k");
    mark(1, refused, Outcome.REFUSED, REFUSAL);
    mark(1, refused, Outcome.DISCARDED, null);

    open();

    assertThat(book.list()).isEmpty();
    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void incarnationsThatNoLedgerKnowsAreTold() {
    UUID dark = UUID.randomUUID();
    UUID known = UUID.randomUUID();
    log.append(new LogRecord.Opened(known, Instant.EPOCH));
    log.append(new LogRecord.Registered(STORE, known));
    log.append(new LogRecord.Opened(dark, Instant.EPOCH));
    Journal journal = open();

    assertThat(journal.unregistered(STORE)).containsExactlyInAnyOrder(dark, log.incarnation());

    journal.registered(STORE, dark);
    journal.registered(STORE, log.incarnation());
    assertThat(journal.unregistered(STORE)).isEmpty();
    assertThat(open().unregistered(STORE)).isEmpty();
  }

  private Journal open() {
    return new Journal(log, Seams.system(), ids, book, List.of(STORE));
  }

  private void accepted(TransactionId id, @Nullable String key) {
    log.append(new LogRecord.Accepted(Transactions.of(id, STORE, key), false));
  }

  private void mark(long entry, TransactionId id, Outcome outcome, @Nullable Refusal why) {
    log.append(new LogRecord.Mark(entry, id, outcome, why, null, Instant.EPOCH));
  }
}
