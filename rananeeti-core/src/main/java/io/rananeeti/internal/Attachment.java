package io.rananeeti.internal;

import java.sql.Connection;

/**
 * A physical connection, and the epoch in which it was bound.
 *
 * @param connection not in auto-commit mode
 * @param epoch of the store's availability
 */
public record Attachment(Connection connection, long epoch) {}
