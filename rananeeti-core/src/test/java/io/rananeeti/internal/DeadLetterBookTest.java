package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DeadLetterBookTest {

  private static final String STORE = "orders";

  private final DeadLetterBook book = new DeadLetterBook();
  private final Ids ids = new Ids(UUID.randomUUID());

  @Test
  void aKeyIsParkedWhileALetterOfItLives() {
    TransactionId first = refused(1, "k");
    TransactionId second = refused(2, "k");

    assertThat(book.parks(STORE, "k")).isTrue();
    assertThat(book.parks(STORE, "other")).isFalse();
    assertThat(book.parks("another store", "k")).isFalse();
    assertThat(book.parks(STORE, null)).isFalse();
    assertThat(book.remove(first)).isFalse();
    assertThat(book.parks(STORE, "k")).isTrue();
    assertThat(book.remove(second)).isTrue();
    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void aRetryThatIsAppliedBeforeItsLetterIsTakenOutLeavesTheKeyFree() {
    TransactionId letter = refused(1, "k");
    TransactionId retry = ids.next();
    book.retrying(Transactions.retry(retry, STORE, "k", letter), 1);

    book.remove(retry);
    book.remove(letter);

    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void aRetryKeepsTheKeyParkedUntilItIsSettled() {
    TransactionId letter = refused(1, "k");
    TransactionId retry = ids.next();
    book.retrying(Transactions.retry(retry, STORE, "k", letter), 1);
    book.remove(letter);

    assertThat(book.parks(STORE, "k")).isTrue();

    assertThat(book.remove(retry)).isTrue();
    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void aRetryThatWasBlockedByALockKeepsTheKeyParkedWhenItIsTriedAgain() {
    TransactionId letter = refused(1, "k");
    TransactionId behind = ids.next();
    Transaction retry = Transactions.retry(ids.next(), STORE, "k", letter);
    book.retrying(retry, 1);
    book.remove(letter);
    book.block(9, retry);
    assertThat(book.holdsBack(9, retry)).isTrue();
    long before = book.generation();

    book.unblock(STORE);

    assertThat(book.holdsBack(9, retry)).isFalse();
    assertThat(book.holdsBack(10, Transactions.of(behind, STORE, "k"))).isTrue();
    assertThat(book.generation()).isGreaterThan(before);
    assertThat(book.remove(retry.id())).isTrue();
    assertThat(book.holdsBack(10, Transactions.of(behind, STORE, "k"))).isFalse();
  }

  @Test
  void aTransactionThatWasBlockedByALockParksItsKeyNoLongerThanThat() {
    Transaction blocked = Transactions.of(ids.next(), STORE, "k");
    book.block(9, blocked);
    assertThat(book.parks(STORE, "k")).isTrue();

    book.unblock(STORE);

    assertThat(book.parks(STORE, "k")).isFalse();
  }

  @Test
  void anUnkeyedLetterParksNothing() {
    TransactionId letter = refused(1, null);

    assertThat(book.count(STORE)).isEqualTo(1);
    assertThat(book.remove(letter)).isFalse();
    assertThat(book.count(STORE)).isZero();
  }

  @Test
  void aLetterShowsItsTextWithoutItsLiterals() {
    TransactionId id = refused(7, null);

    DeadLetter letter = book.list().get(0);

    assertThat(letter.id()).isEqualTo(id);
    assertThat(letter.statements()).containsExactly("INSERT INTO t VALUES (?, ?)");
    assertThat(letter.sqlState()).isEqualTo("23514");
    assertThat(book.entry(id)).isEqualTo(7);
    assertThat(book.numbers().get(id.incarnation())).containsExactly(id.number());
    assertThat(book.firstEntry()).isEqualTo(7);
  }

  @Test
  void lettersAreListedInTheOrderOfAcceptance() {
    TransactionId later = refused(9, null);
    TransactionId earlier = refused(3, null);

    assertThat(book.list()).extracting(DeadLetter::id).containsExactly(earlier, later);
  }

  @Test
  void whoAsksForALetterThatIsNotThereIsTold() {
    TransactionId id = ids.next();

    assertThat(book.get(id)).isNull();
    assertThatThrownBy(() -> book.entry(id)).isInstanceOf(IllegalArgumentException.class);
    assertThat(book.firstEntry()).isEqualTo(Long.MAX_VALUE);
  }

  private TransactionId refused(long entry, @Nullable String key) {
    TransactionId id = ids.next();
    book.add(
        entry,
        Transactions.of(id, STORE, key),
        new LogRecord.Mark(
            entry, id, Outcome.REFUSED, new Refusal("23514", "harmless"), null, Instant.EPOCH));
    return id;
  }
}
