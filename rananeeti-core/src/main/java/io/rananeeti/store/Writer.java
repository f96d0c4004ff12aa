package io.rananeeti.store;

/**
 * A writable writer that a probe has found.
 *
 * @param identity equal as long as it is the same writer on the same history (R2): an opaque text
 */
public record Writer(String identity) {}
