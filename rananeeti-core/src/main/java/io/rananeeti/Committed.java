package io.rananeeti;

import org.jspecify.annotations.Nullable;

/**
 * What {@link DataPlatform#inTransaction} returns.
 *
 * @param value what the work returned
 * @param receipt what became of its transaction
 * @param <T> the type of the value
 */
public record Committed<T extends @Nullable Object>(T value, Receipt receipt) {}
