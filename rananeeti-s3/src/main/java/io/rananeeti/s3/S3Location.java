package io.rananeeti.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.regions.Region;

/**
 * A place in a bucket, as people write it: {@code s3://bucket/prefix?region=...&endpoint=...}.
 *
 * @param prefix empty, or ends with {@code /}
 * @param region null for what the SDK finds
 * @param endpoint null for the region's own
 */
record S3Location(String bucket, String prefix, @Nullable Region region, @Nullable URI endpoint) {

  private static final Pattern FORM =
      Pattern.compile(
          "s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
              + "(?:/((?:[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)?)/?)?(?:\\?(.*))?");

  static S3Location of(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a place in S3 is s3://bucket/prefix?region=...&endpoint=..., not " + text);
    }
    String prefix = matcher.group(2);
    Map<String, String> said = said(matcher.group(3));
    String region = said.remove("region");
    String endpoint = said.remove("endpoint");
    if (!said.isEmpty()) {
      throw new IllegalArgumentException("a place in S3 has region and endpoint, not " + said);
    }
    return new S3Location(
        matcher.group(1),
        prefix == null || prefix.isEmpty() ? "" : prefix + "/",
        region == null ? null : Region.of(region),
        endpoint == null ? null : checked(endpoint));
  }

  private static Map<String, String> said(@Nullable String query) {
    Map<String, String> said = new HashMap<>();
    if (query != null && !query.isEmpty()) {
      for (String each : query.split("&", -1)) {
        int equals = each.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException("a place in S3 has name=value behind ?: " + each);
        }
        said.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return said;
  }

  private static URI checked(String endpoint) {
    try {
      URI uri = new URI(endpoint);
      String host = uri.getHost();
      if (host != null
          && ("https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme()) && S3Store.isLoopback(host)))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("an endpoint is https://...: " + endpoint, e);
    }
    throw new IllegalArgumentException(
        "an endpoint is https://..., or http:// on this machine: " + endpoint);
  }

  String key(String name) {
    return prefix + name;
  }

  String name(String key) {
    return key.substring(prefix.length());
  }
}
