package io.rananeeti.internal;

import io.rananeeti.store.Context;
import org.jspecify.annotations.Nullable;

/**
 * What the application says of a transaction besides its statements.
 *
 * @param deferrable whether it may be accepted into the log
 * @param orderingKey its ordering key, null if none
 * @param traceParent the caller's W3C trace parent, null if none
 * @param readOnly whether it was declared read-only
 * @param context what must be set when it is applied
 * @param intentKey its intent key, null if none
 */
public record Terms(
    boolean deferrable,
    @Nullable String orderingKey,
    @Nullable String traceParent,
    boolean readOnly,
    Context context,
    @Nullable String intentKey) {

  /** The same with this ordering key. */
  Terms keyed(String key) {
    return new Terms(deferrable, key, traceParent, readOnly, context, intentKey);
  }
}
