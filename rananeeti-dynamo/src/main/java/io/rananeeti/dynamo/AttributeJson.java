package io.rananeeti.dynamo;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An attribute's value as DynamoDB's own JSON, {@code {"S":"text"}}: the form in which the log
 * keeps it, and that the AWS command line shows, too.
 */
final class AttributeJson {

  private static final int DEEPEST = 100;

  private final String json;
  private int at;

  private AttributeJson(String json) {
    this.json = json;
  }

  /** As text. */
  static String write(AttributeValue value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  /**
   * From text.
   *
   * @throws IllegalArgumentException if it is not such a text; the message shows none of it
   */
  static AttributeValue read(String json) {
    AttributeJson reader = new AttributeJson(json);
    AttributeValue value = reader.value(0);
    if (reader.skip() != 0) {
      throw reader.malformed();
    }
    return value;
  }

  private static void write(StringBuilder out, AttributeValue value) {
    out.append("{\"").append(value.type()).append("\":");
    switch (value.type()) {
      case S -> text(out, value.s());
      case N -> text(out, value.n());
      case B -> text(out, base64(value.b()));
      case BOOL -> out.append(value.bool());
      case NUL -> {
        out.setLength(out.length() - 5);
        out.append("NULL\":true");
      }
      case SS -> texts(out, value.ss());
      case NS -> texts(out, value.ns());
      case BS -> texts(out, value.bs().stream().map(AttributeJson::base64).toList());
      case L -> list(out, value.l());
      case M -> map(out, value.m());
      case UNKNOWN_TO_SDK_VERSION ->
          throw new IllegalArgumentException("an attribute of an unknown type");
    }
    out.append('}');
  }

  private static void list(StringBuilder out, List<AttributeValue> values) {
    String separator = "[";
    for (AttributeValue element : values) {
      write(out.append(separator), element);
      separator = ",";
    }
    out.append(values.isEmpty() ? "[]" : "]");
  }

  private static void map(StringBuilder out, Map<String, AttributeValue> values) {
    String separator = "{";
    for (Map.Entry<String, AttributeValue> entry : values.entrySet()) {
      text(out.append(separator), entry.getKey());
      write(out.append(':'), entry.getValue());
      separator = ",";
    }
    out.append(values.isEmpty() ? "{}" : "}");
  }

  private static void texts(StringBuilder out, List<String> values) {
    String separator = "[";
    for (String element : values) {
      text(out.append(separator), element);
      separator = ",";
    }
    out.append(values.isEmpty() ? "[]" : "]");
  }

  private static void text(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private static String base64(SdkBytes bytes) {
    return Base64.getEncoder().encodeToString(bytes.asByteArrayUnsafe());
  }

  private static SdkBytes bytes(String base64) {
    return SdkBytes.fromByteArrayUnsafe(Base64.getDecoder().decode(base64));
  }

  private AttributeValue value(int depth) {
    if (depth > DEEPEST) {
      throw malformed();
    }
    expect('{');
    String type = text();
    expect(':');
    AttributeValue value =
        switch (type) {
          case "S" -> AttributeValue.fromS(text());
          case "N" -> AttributeValue.fromN(text());
          case "B" -> AttributeValue.fromB(bytes(text()));
          case "BOOL" -> AttributeValue.fromBool(flag());
          case "NULL" -> AttributeValue.fromNul(flag());
          case "SS" -> AttributeValue.fromSs(texts());
          case "NS" -> AttributeValue.fromNs(texts());
          case "BS" -> AttributeValue.fromBs(texts().stream().map(AttributeJson::bytes).toList());
          case "L" -> AttributeValue.fromL(list(depth));
          case "M" -> AttributeValue.fromM(map(depth));
          default -> throw malformed();
        };
    expect('}');
    return value;
  }

  private List<AttributeValue> list(int depth) {
    List<AttributeValue> list = new ArrayList<>();
    expect('[');
    while (more(']', list.isEmpty())) {
      list.add(value(depth + 1));
    }
    return list;
  }

  private Map<String, AttributeValue> map(int depth) {
    Map<String, AttributeValue> map = new LinkedHashMap<>();
    expect('{');
    while (more('}', map.isEmpty())) {
      String name = text();
      expect(':');
      map.put(name, value(depth + 1));
    }
    return map;
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>();
    expect('[');
    while (more(']', texts.isEmpty())) {
      texts.add(text());
    }
    return texts;
  }

  /** Whether there is another element; steps over the comma before it, or over the end. */
  private boolean more(char end, boolean first) {
    char next = skip();
    if (next == end) {
      at++;
      return false;
    }
    if (!first) {
      expect(',');
    }
    return true;
  }

  private boolean flag() {
    skip();
    if (json.startsWith("true", at)) {
      at += 4;
      return true;
    }
    if (json.startsWith("false", at)) {
      at += 5;
      return false;
    }
    throw malformed();
  }

  private String text() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (at < json.length()) {
      char c = json.charAt(at++);
      if (c == '"') {
        return text.toString();
      }
      text.append(c == '\\' ? escaped() : c);
    }
    throw malformed();
  }

  private char escaped() {
    if (at >= json.length()) {
      throw malformed();
    }
    char c = json.charAt(at++);
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw malformed();
    };
  }

  private char unicode() {
    if (at + 4 > json.length()) {
      throw malformed();
    }
    try {
      char c = (char) Integer.parseInt(json.substring(at, at + 4), 16);
      at += 4;
      return c;
    } catch (NumberFormatException e) {
      throw malformed();
    }
  }

  private void expect(char c) {
    if (skip() != c) {
      throw malformed();
    }
    at++;
  }

  /** The next character behind white space; 0 at the end. */
  private char skip() {
    while (at < json.length() && Character.isWhitespace(json.charAt(at))) {
      at++;
    }
    return at < json.length() ? json.charAt(at) : 0;
  }

  private IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "not an attribute in DynamoDB's JSON, such as {\"S\":\"text\"}: wrong at character " + at);
  }
}
