package io.rananeeti.internal;

import io.rananeeti.Adoption;
import io.rananeeti.AuditEntry;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Transaction;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What people decide, as the audit trail tells it. */
final class Decisions {

  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_REASON = 2_000;

  private Decisions() {}

  /**
   * Refuses a decision of which nobody could say later whose it was, or why.
   *
   * @throws IllegalArgumentException with what is missing
   */
  static void check(String by, String reason) {
    checkText("by (who decides this)", by, LONGEST_NAME);
    checkText("reason (why)", reason, LONGEST_REASON);
  }

  private static void checkText(String what, String text, int longest) {
    Objects.requireNonNull(text, what);
    if (text.isBlank() || text.length() > longest) {
      throw new IllegalArgumentException(
          "%s has 1 to %d characters: %d".formatted(what, longest, text.strip().length()));
    }
  }

  static AuditEntry held(LogRecord.Held held) {
    return new AuditEntry(
        held.at(),
        held.held() ? "hold" : "release",
        held.store(),
        null,
        null,
        held.by(),
        held.reason());
  }

  static AuditEntry adopted(String store, Adoption adoption, String by, String reason, Instant at) {
    String action = "adopt-" + adoption.name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new AuditEntry(at, action, store, null, null, by, reason);
  }

  /** Nobody is asked for a name there; the setting names the entries, which is reason enough. */
  static AuditEntry lossAccepted(Instant at) {
    return new AuditEntry(
        at,
        "accept-log-loss",
        "",
        null,
        null,
        "rananeeti.accept-log-loss",
        "the setting named entries that can't be read any more");
  }

  /**
   * A letter was sent again.
   *
   * @param letter what was refused; null if the log has it no more
   */
  static AuditEntry retried(LogRecord.Accepted accepted, @Nullable Transaction letter) {
    Transaction retry = accepted.transaction();
    boolean corrected = letter != null && differs(letter, retry);
    return new AuditEntry(
        retry.acceptedAt(),
        corrected ? "retry-corrected" : "retry",
        retry.store(),
        retry.replaces(),
        retry.id(),
        Objects.requireNonNullElse(accepted.by(), ""),
        Objects.requireNonNullElse(accepted.reason(), ""));
  }

  /** The same for one that was given up. */
  static AuditEntry discarded(LogRecord.Mark mark, String store) {
    return new AuditEntry(
        mark.at(),
        "discard",
        store,
        mark.id(),
        null,
        Objects.requireNonNullElse(mark.by(), ""),
        Objects.requireNonNullElse(mark.note(), ""));
  }

  /** Whether the one does something else than the other: as the log keeps them, byte for byte. */
  private static boolean differs(Transaction letter, Transaction retry) {
    return !Arrays.equals(bytes(letter, letter.operations()), bytes(letter, retry.operations()));
  }

  private static byte[] bytes(Transaction letter, List<Operation> operations) {
    Transaction alike = Letters.retryOf(letter, operations, letter.id(), Instant.EPOCH);
    return RecordCodec.encode(new LogRecord.Accepted(alike, false));
  }
}
