package io.rananeeti.benchmarks;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Transactions like an application's, of a given size once they are encoded. */
final class Entries {

  static final String STORE = "orders";

  private static final UUID INCARNATION = new UUID(0x1234_5678_9abc_4defL, 0x8000_0000_0000_0001L);
  private static final Instant AT = Instant.ofEpochSecond(1_700_000_000, 123_456_789);

  private Entries() {}

  /** One insert whose entry has exactly this many bytes. */
  static LogRecord.Accepted ofSize(int bytes) {
    int filling = bytes / 2;
    LogRecord.Accepted accepted = accepted(1, filling);
    for (int size = size(accepted); size != bytes; size = size(accepted)) {
      filling += bytes - size;
      accepted = accepted(1, filling);
    }
    return accepted;
  }

  /** The transaction of this number, with a text of so many characters in it. */
  static LogRecord.Accepted accepted(long number, int filling) {
    Operation insert =
        new Operation(
            "INSERT INTO orders (id, customer, placed_at, text) VALUES (?, ?, ?, ?)",
            true,
            List.of(
                List.of(
                    Parameter.of(Parameter.Kind.INT64, number),
                    Parameter.of(Parameter.Kind.STRING, "customer-4711"),
                    Parameter.of(Parameter.Kind.OBJECT, AT),
                    Parameter.of(Parameter.Kind.STRING, "x".repeat(filling)))),
            List.of(1L));
    Transaction transaction =
        new Transaction(
            new TransactionId(INCARNATION, number),
            STORE,
            List.of(insert),
            new Context(Isolation.READ_COMMITTED, Map.of("timezone", "Europe/Berlin"), "orders"),
            null,
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            AT,
            null,
            null);
    return new LogRecord.Accepted(transaction, false);
  }

  private static int size(LogRecord record) {
    return RecordCodec.encode(record).length;
  }
}
