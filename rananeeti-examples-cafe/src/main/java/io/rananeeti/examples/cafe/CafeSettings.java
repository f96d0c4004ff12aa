package io.rananeeti.examples.cafe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What can be set.
 *
 * @param port on 127.0.0.1, 0 for any that is free
 * @param data the directory of all that the cafe keeps
 * @param database null for the embedded one
 * @param sharedLog null if this cafe is the only node
 * @param receipts null if it writes none
 */
record CafeSettings(
    int port,
    Path data,
    @Nullable OwnDatabase database,
    @Nullable SharedLogSettings sharedLog,
    @Nullable ReceiptsSettings receipts) {}
