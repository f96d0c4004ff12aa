package io.rananeeti.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of JSON (RFC 8259): an object whose values are strings and whole numbers, as this class
 * writes it. Reads no other JSON than that; whatever else stands in a line is refused.
 */
public final class JsonLine {

  private final String text;
  private int at;

  private JsonLine(String text) {
    this.text = text;
  }

  /** The object, on one line, without its end. */
  public static String write(Map<String, Object> values) {
    StringBuilder out = new StringBuilder("{");
    values.forEach(
        (name, value) -> {
          out.append(out.length() == 1 ? "" : ",");
          quote(name, out);
          out.append(':');
          if (value instanceof Long) {
            out.append(value);
          } else {
            quote(value.toString(), out);
          }
        });
    return out.append('}').toString();
  }

  /** Appends a string in quotes, with nothing in it that could end the line or the quotes. */
  public static void quote(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char each = value.charAt(i);
      switch (each) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (isPlain(value, i)) {
            out.append(each);
          } else {
            out.append(String.format("\\u%04x", (int) each));
          }
        }
      }
    }
    out.append('"');
  }

  /** No control character, no separator of lines, and no half of a character. */
  private static boolean isPlain(String value, int i) {
    char each = value.charAt(i);
    if (Character.isISOControl(each) || each == '\u2028' || each == '\u2029') {
      return false;
    }
    if (Character.isHighSurrogate(each)) {
      return i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1));
    }
    return !Character.isLowSurrogate(each)
        || (i > 0 && Character.isHighSurrogate(value.charAt(i - 1)));
  }

  /**
   * What {@link #write} has written.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static Map<String, Object> read(String line) {
    JsonLine in = new JsonLine(line);
    Map<String, Object> values = new LinkedHashMap<>();
    in.take('{');
    while (in.peek() != '}') {
      if (!values.isEmpty()) {
        in.take(',');
      }
      String name = in.string();
      in.take(':');
      values.put(name, in.peek() == '"' ? in.string() : (Object) in.number());
    }
    in.take('}');
    if (in.at != line.length()) {
      throw in.malformed();
    }
    return values;
  }

  private char peek() {
    if (at >= text.length()) {
      throw malformed();
    }
    return text.charAt(at);
  }

  private char next() {
    char each = peek();
    at++;
    return each;
  }

  private void take(char expected) {
    if (next() != expected) {
      throw malformed();
    }
  }

  private String string() {
    take('"');
    StringBuilder value = new StringBuilder();
    for (char each = next(); each != '"'; each = next()) {
      value.append(each == '\\' ? escaped() : each);
    }
    return value.toString();
  }

  private char escaped() {
    char each = next();
    return switch (each) {
      case '"', '\\' -> each;
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        if (at + 4 > text.length()) {
          throw malformed();
        }
        at += 4;
        yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
      }
      default -> throw malformed();
    };
  }

  private long number() {
    int start = at;
    while (Character.isDigit(peek()) || (at == start && peek() == '-')) {
      at++;
    }
    return Long.parseLong(text.substring(start, at));
  }

  private IllegalArgumentException malformed() {
    return new IllegalArgumentException("not a line of JSON as it was written, at=" + at);
  }
}
