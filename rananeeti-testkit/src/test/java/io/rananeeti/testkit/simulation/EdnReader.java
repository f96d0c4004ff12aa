package io.rananeeti.testkit.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads as much of EDN as histories are made of: maps, vectors, keywords with their colon, texts
 * without escapes, longs, and nil as null.
 */
final class EdnReader {

  private final String text;
  private int at;

  EdnReader(String text) {
    this.text = text;
  }

  /** The one map that the text is. */
  Map<Object, Object> map() {
    expect('{');
    Map<Object, Object> map = new HashMap<>();
    while (!ends('}')) {
      Object key = Objects.requireNonNull(value());
      if (map.put(key, Objects.requireNonNull(value())) != null) {
        throw new IllegalArgumentException("twice in %s: %s".formatted(text, key));
      }
    }
    if (at != text.length()) {
      throw new IllegalArgumentException("goes on behind its end: " + text);
    }
    return map;
  }

  private @Nullable Object value() {
    skip();
    char first = text.charAt(at);
    if (first == '[') {
      return vector();
    }
    if (first == '"') {
      int end = text.indexOf('"', at + 1);
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }
    String word = word();
    if (word.equals("nil")) {
      return null;
    }
    return word.startsWith(":") ? word : (Object) Long.valueOf(word);
  }

  private List<@Nullable Object> vector() {
    expect('[');
    List<@Nullable Object> values = new ArrayList<>();
    while (!ends(']')) {
      values.add(value());
    }
    return values;
  }

  private String word() {
    int from = at;
    while (at < text.length() && " ,[]{}".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(from, at);
  }

  private boolean ends(char close) {
    skip();
    if (text.charAt(at) != close) {
      return false;
    }
    at++;
    return true;
  }

  private void expect(char open) {
    skip();
    if (text.charAt(at++) != open) {
      throw new IllegalArgumentException("no %s at %d of %s".formatted(open, at, text));
    }
  }

  private void skip() {
    while (at < text.length() && " ,".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
