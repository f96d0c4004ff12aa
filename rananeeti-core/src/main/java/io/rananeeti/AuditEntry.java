package io.rananeeti;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a person decided about a platform: who, when, and why. Holds no parameter and no payload.
 *
 * @param at when, by this node's clock
 * @param action {@code hold}, {@code release}, {@code retry}, {@code retry-corrected}, {@code
 *     discard}, {@code adopt-apply}, {@code adopt-set-aside} or {@code accept-log-loss}
 * @param store the store that it is about; empty where it is about the log
 * @param transaction the dead letter that it is about; null if it is about none
 * @param replacedBy the transaction that a retry has put in its place; null for other actions
 * @param by who
 * @param reason why, in that person's words
 */
public record AuditEntry(
    Instant at,
    String action,
    String store,
    @Nullable TransactionId transaction,
    @Nullable TransactionId replacedBy,
    String by,
    String reason) {}
