package io.rananeeti.examples.cafe;

import io.rananeeti.SharedDurability;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The log that this cafe shares with others.
 *
 * @param table of DynamoDB
 * @param endpoint null for AWS's own
 * @param region null for the one that the environment names
 * @param lease how long a node may be silent before others take it for dead
 * @param durability where an accepted order has to be before it is answered
 */
record SharedLogSettings(
    String table,
    @Nullable URI endpoint,
    @Nullable String region,
    Duration lease,
    SharedDurability durability) {}
