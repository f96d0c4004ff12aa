package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of a form as a browser sends them ({@code application/x-www-form-urlencoded}, UTF-8),
 * read strictly: what is malformed is refused, never repaired.
 *
 * <p>Reads at most {@value #LIMIT} bytes, whether the length was announced or not, and throws away
 * up to {@value #COURTESY} more, so that a client that sends too much hears why.
 */
final class FormBody {

  static final int LIMIT = 64 * 1024;
  private static final int COURTESY = 1024 * 1024;
  private static final String TYPE = "application/x-www-form-urlencoded";

  private final Map<String, String> values;
  private final Set<String> repeated;

  private FormBody(Map<String, String> values, Set<String> repeated) {
    this.values = values;
    this.repeated = repeated;
  }

  /**
   * Reads the body of a request.
   *
   * @throws BadRequest 415 for another type than a form's, 413 if it is too long, 400 if malformed
   */
  static FormBody read(HttpServletRequest request) throws IOException, BadRequest {
    requireForm(request);
    InputStream body = request.getInputStream();
    byte[] bytes = request.getContentLengthLong() > LIMIT ? null : body.readNBytes(LIMIT + 1);
    if (bytes == null || bytes.length > LIMIT) {
      body.skip(COURTESY);
      throw new BadRequest(413, "That is more than the 64 KB that fit on one order.");
    }
    return parse(bytes);
  }

  private static void requireForm(HttpServletRequest request) throws BadRequest {
    String type = request.getContentType();
    String[] parts = (type == null ? "" : type).toLowerCase(Locale.ROOT).split(";", 2);
    String parameters = parts.length < 2 ? "" : parts[1].replaceAll("[\\s\"]", "");
    if (!parts[0].strip().equals(TYPE)
        || !(parameters.isEmpty() || parameters.equals("charset=utf-8"))) {
      throw new BadRequest(415, "An order is a form: Content-Type " + TYPE + ", in UTF-8.");
    }
  }

  /** Parses the bytes of a body. */
  static FormBody parse(byte[] body) throws BadRequest {
    Map<String, String> values = new LinkedHashMap<>();
    Set<String> repeated = new TreeSet<>();
    int start = 0;
    for (int i = 0; i <= body.length; i++) {
      if (i == body.length || body[i] == '&') {
        addPair(body, start, i, values, repeated);
        start = i + 1;
      }
    }
    return new FormBody(values, repeated);
  }

  private static void addPair(
      byte[] body, int from, int to, Map<String, String> values, Set<String> repeated)
      throws BadRequest {
    if (from == to) {
      return;
    }
    int equals = from;
    while (equals < to && body[equals] != '=') {
      equals++;
    }
    String name = decode(body, from, equals);
    String value = equals == to ? "" : decode(body, equals + 1, to);
    if (values.putIfAbsent(name, value) != null) {
      repeated.add(name);
    }
  }

  private static String decode(byte[] body, int from, int to) throws BadRequest {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(to - from);
    for (int i = from; i < to; i++) {
      if (body[i] == '%') {
        bytes.write(octet(body, i, to));
        i += 2;
      } else {
        bytes.write(body[i] == '+' ? ' ' : body[i]);
      }
    }
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
    } catch (CharacterCodingException e) {
      throw new BadRequest(400, "The form holds bytes that are not UTF-8.");
    }
  }

  private static int octet(byte[] body, int percent, int to) throws BadRequest {
    int high = percent + 2 < to ? Character.digit(body[percent + 1], 16) : -1;
    int low = percent + 2 < to ? Character.digit(body[percent + 2], 16) : -1;
    if (high < 0 || low < 0) {
      throw new BadRequest(400, "The form holds a % that two hex digits do not follow.");
    }
    return high * 16 + low;
  }

  /** The value of a field, empty if it was not sent; the first one if it was sent twice. */
  String value(String field) {
    return values.getOrDefault(field, "");
  }

  /** Whether a field was sent more than once. */
  boolean isRepeated(String field) {
    return repeated.contains(field);
  }
}
