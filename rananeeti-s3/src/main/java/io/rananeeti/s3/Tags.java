package io.rananeeti.s3;

import org.jspecify.annotations.Nullable;

/** Entity tags, which S3 writes in quotation marks, and people often without. */
final class Tags {

  private Tags() {}

  static boolean same(@Nullable String one, @Nullable String other) {
    return one != null && other != null && bare(one).equals(bare(other));
  }

  private static String bare(String tag) {
    return tag.length() > 1 && tag.startsWith("\"") && tag.endsWith("\"")
        ? tag.substring(1, tag.length() - 1)
        : tag;
  }
}
