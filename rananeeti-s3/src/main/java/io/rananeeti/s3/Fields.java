package io.rananeeti.s3;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Names with values as one line of text, {@code name=value&name=value}, each escaped as in a form
 * of the web; names may come more than once. Used by one thread.
 */
final class Fields {

  private final List<Map.Entry<String, String>> all = new ArrayList<>();

  /** Reads such a line. */
  static Fields of(String line) {
    Fields fields = new Fields();
    for (String field : line.isEmpty() ? new String[0] : line.split("&")) {
      int at = field.indexOf('=');
      if (at < 0) {
        throw new IllegalArgumentException("a field has no value");
      }
      fields.add(decoded(field.substring(0, at)), decoded(field.substring(at + 1)));
    }
    return fields;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Adds one, unless its value is null. */
  Fields add(String name, @Nullable String value) {
    if (value != null) {
      all.add(Map.entry(name, value));
    }
    return this;
  }

  /** The first value of a name; null if it has none. */
  @Nullable String get(String name) {
    return all.stream()
        .filter(field -> field.getKey().equals(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  String require(String name) {
    String value = get(name);
    if (value == null) {
      throw new IllegalArgumentException("the field " + name + " is missing");
    }
    return value;
  }

  List<Map.Entry<String, String>> all() {
    return all;
  }

  @Override
  public String toString() {
    return all.stream()
        .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
