package io.rananeeti.examples.cafe;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where the cafe puts the receipts of its orders.
 *
 * @param bucket of S3
 * @param endpoint null for one of the cafe's own, whose objects are files under its data
 * @param region null for the one that the environment names
 */
record ReceiptsSettings(String bucket, @Nullable URI endpoint, @Nullable String region) {}
