package io.rananeeti.s3;

import io.rananeeti.s3.Action.Attributes;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.services.s3.model.StorageClass;

/** What S3 takes for names, and which of them are ours. */
final class Keys {

  /** Metadata of ours: which transaction wrote it. */
  static final String TRANSACTION = "rananeeti-transaction";

  /** Metadata of ours: what it held when it was written. */
  static final String SHA256 = "rananeeti-sha256";

  static final Attributes USUAL =
      new Attributes(null, StorageClass.INTELLIGENT_TIERING.toString(), Map.of());

  private static final int LONGEST = 1024;

  private Keys() {}

  /** Refused now rather than by a dead letter. */
  static String checked(String key) {
    int length = key.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > LONGEST) {
      throw new IllegalArgumentException(
          "a key has 1 to %d bytes in UTF-8: %d".formatted(LONGEST, length));
    }
    return key;
  }

  /** The name as S3 keeps it. */
  static String checkedMetadata(String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!lower.matches("[a-z0-9_-]{1,128}") || lower.startsWith("rananeeti")) {
      throw new IllegalArgumentException(
          "metadata has names of letters, digits, - and _, not beginning with rananeeti: " + name);
    }
    if (!value.strip().equals(value) || !value.matches("[ -~]*")) {
      throw new IllegalArgumentException(
          "metadata has values of printable ASCII without spaces around them, name=" + name);
    }
    return lower;
  }
}
