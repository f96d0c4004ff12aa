package io.rananeeti.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A message from a client to PostgreSQL, as it stands on the wire. Immutable. */
final class FrontendMessage {

  private final char type;
  private final byte[] bytes;
  private final @Nullable String sql;

  /**
   * Creates a message.
   *
   * @param type the protocol's letter for it
   * @param bytes all of it: the letter, four bytes of length, the content
   * @param sql for Query its text, for Parse the text it names, for Bind and Execute the text of
   *     the statement they refer to; null for all others, and where the statement is not known
   */
  FrontendMessage(char type, byte[] bytes, @Nullable String sql) {
    this.type = type;
    this.bytes = bytes;
    this.sql = sql;
  }

  char type() {
    return type;
  }

  @Nullable String sql() {
    return sql;
  }

  /** Whether the server answers with ReadyForQuery: one round trip. */
  boolean isAnswered() {
    return type == 'Q' || type == 'S' || type == 'F';
  }

  /** Whether a client that sends this does not go on composing the same request. */
  boolean endsRequest() {
    return switch (type) {
      case 'P', 'B', 'D', 'E', 'C' -> false;
      default -> true;
    };
  }

  /** Whether this runs SQL, rather than prepares it. */
  boolean runs() {
    return type == 'Q' || type == 'E';
  }

  boolean contains(String text) {
    return new String(bytes, StandardCharsets.UTF_8).contains(text);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes);
  }
}
