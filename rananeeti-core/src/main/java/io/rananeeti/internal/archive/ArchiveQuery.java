package io.rananeeti.internal.archive;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.codec.ArchiveCodec.Item;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which entries somebody wants to see. Asked in the order of the log: what became of a transaction
 * is known to be wanted by the transaction itself, which comes first.
 */
final class ArchiveQuery {

  private final @Nullable Instant from;
  private final @Nullable Instant to;
  private final @Nullable TransactionId id;
  private final @Nullable String orderingKey;
  private final @Nullable Long entry;
  private final Set<TransactionId> ofTheKey = new HashSet<>();

  /**
   * Those for which all of these hold that are not null.
   *
   * @param from not before
   * @param to before
   * @param id that name this transaction
   * @param orderingKey of transactions with this key, and what became of them
   * @param entry with this sequence number
   */
  ArchiveQuery(
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable TransactionId id,
      @Nullable String orderingKey,
      @Nullable Long entry) {
    this.from = from;
    this.to = to;
    this.id = id;
    this.orderingKey = orderingKey;
    this.entry = entry;
  }

  /** The one entry that is wanted; null if more may be. */
  @Nullable Long entry() {
    return entry;
  }

  /** Whether an object may hold some. */
  boolean mayBeIn(ArchiveIndex index) {
    Instant earliest = index.from();
    Instant latest = index.to();
    boolean inTime =
        (from == null || (latest != null && !latest.isBefore(from)))
            && (to == null || (earliest != null && earliest.isBefore(to)));
    boolean named = id == null || index.mayName(id.incarnation(), id.number());
    boolean numbered =
        entry == null || (entry >= index.name().first() && entry <= index.name().last());
    return inTime && named && numbered;
  }

  /** Whether this is one. */
  boolean wants(Item item) {
    LogRecord record = item.record();
    if (record == null) {
      return from == null && to == null && id == null && orderingKey == null && isEntry(item);
    }
    boolean ofKey = orderingKey == null || isOfTheKey(record);
    return isEntry(item) && isInTime(record) && isNamed(record) && ofKey;
  }

  private boolean isEntry(Item item) {
    return entry == null || entry == item.sequence();
  }

  private boolean isInTime(LogRecord record) {
    Instant at = Contents.at(record);
    return (from == null || (at != null && !at.isBefore(from)))
        && (to == null || (at != null && at.isBefore(to)));
  }

  private boolean isNamed(LogRecord record) {
    return id == null || Contents.named(record).contains(id);
  }

  private boolean isOfTheKey(LogRecord record) {
    Transaction transaction = Contents.transaction(record);
    if (transaction == null) {
      return Contents.named(record).stream().anyMatch(ofTheKey::contains);
    }
    boolean has =
        transaction.orderingKey() != null && transaction.orderingKey().equals(orderingKey);
    if (has) {
      ofTheKey.add(transaction.id());
    }
    return has;
  }
}
