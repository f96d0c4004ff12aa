package io.rananeeti.s3;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What S3 says of an object beside its content. In a list, which says less, there are neither media
 * type nor metadata nor SHA-256.
 *
 * @param entityTag for {@code ifMatch}, in quotation marks as S3 writes it
 * @param storageClass as S3 spells it
 * @param sha256 of its content when it was put through the platform, in hexadecimal digits; null if
 *     it was put by another hand
 * @param metadata the application's, with names in lower case
 */
public record StoredObject(
    String key,
    long length,
    String entityTag,
    String storageClass,
    Instant lastModified,
    @Nullable String contentType,
    @Nullable String sha256,
    Map<String, String> metadata) {

  /** Copies the map. */
  public StoredObject {
    metadata = Map.copyOf(metadata);
  }
}
