package io.rananeeti.aurora;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the instances of one region are: {@code ?.xyz.eu-west-1.rds.amazonaws.com}, with {@code ?}
 * for the instance's name; {@code [eu-west-1]?.db.example.com:5432} where the host's name does not
 * tell the region. As the AWS wrapper reads it.
 */
final class HostPattern {

  private static final Pattern FORM =
      Pattern.compile("(\\[(?<region>[A-Za-z0-9-]+)\\])?(?<host>[A-Za-z0-9.?-]+)(:[0-9]+)?");

  private HostPattern() {}

  /**
   * Checks one.
   *
   * @throws IllegalArgumentException saying how it is written
   */
  static String checked(String pattern) {
    String trimmed = pattern.trim();
    Matcher matcher = FORM.matcher(trimmed);
    if (!matcher.matches()
        || matcher.group("host").chars().filter(c -> c == '?').count() != 1
        || regionOf(trimmed) == null) {
      throw new IllegalArgumentException(
          "hostPatterns has one pattern for each region, with ? for the instance's name, as in ?.xyz.eu-west-1.rds.amazonaws.com or [eu-west-1]?.db.example.com: "
              + trimmed);
    }
    return trimmed;
  }

  /** Its region in lower case, null if it tells none. */
  static @Nullable String regionOf(String pattern) {
    Matcher matcher = FORM.matcher(pattern);
    if (!matcher.matches()) {
      return null;
    }
    String named = matcher.group("region");
    String region = named == null ? AmazonHost.of(matcher.group("host")).region() : named;
    return region == null ? null : region.toLowerCase(Locale.ROOT);
  }
}
