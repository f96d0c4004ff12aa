package io.rananeeti.testkit;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client sends, request by request, and knows which SQL each message is about.
 *
 * <p>A request is all messages up to one after which the client may wait for an answer: in the
 * extended protocol up to Sync or Flush, otherwise a single message. Statements and portals are
 * followed by name, so that an Execute of a statement that was parsed long ago is known by its
 * text. Owned by one thread. See "Frontend/Backend Protocol" in PostgreSQL's documentation for the
 * formats.
 */
final class FrontendReader {

  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int LONGEST_START = 10_000;
  private static final int LONGEST_MESSAGE = 1 << 30;

  private final DataInputStream in;
  private final Map<String, String> statements = new HashMap<>();
  private final Map<String, String> portals = new HashMap<>();

  FrontendReader(DataInputStream in) {
    this.in = in;
  }

  /**
   * Reads an untyped message, as connections begin with: length, code, content. Null at the end of
   * the stream.
   */
  byte @Nullable [] readStart() throws IOException {
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int length =
        ByteBuffer.wrap(new byte[] {(byte) first, in.readByte(), in.readByte(), in.readByte()})
            .getInt();
    if (length < 2 * LENGTH_BYTES || length > LONGEST_START) {
      throw new IOException("a client began with something that is not PostgreSQL's protocol");
    }
    ByteBuffer message = ByteBuffer.allocate(length).putInt(length);
    in.readFully(message.array(), LENGTH_BYTES, length - LENGTH_BYTES);
    return message.array();
  }

  /**
   * Reads the next request; empty at the end of the stream. What a client left unfinished there is
   * dropped.
   */
  List<FrontendMessage> readRequest() throws IOException {
    List<FrontendMessage> request = new ArrayList<>();
    for (FrontendMessage message = read(); message != null; message = read()) {
      request.add(message);
      if (message.endsRequest()) {
        return request;
      }
    }
    return List.of();
  }

  private @Nullable FrontendMessage read() throws IOException {
    int type = in.read();
    if (type < 0) {
      return null;
    }
    try {
      byte[] bytes = readTyped((byte) type);
      return new FrontendMessage((char) type, bytes, follow((char) type, new Fields(bytes)));
    } catch (EOFException e) {
      return null;
    }
  }

  private byte[] readTyped(byte type) throws IOException {
    int length = in.readInt();
    if (length < LENGTH_BYTES || length > LONGEST_MESSAGE) {
      throw new IOException("a client sent a message of length " + length);
    }
    ByteBuffer message = ByteBuffer.allocate(1 + length).put(type).putInt(length);
    in.readFully(message.array(), message.position(), length - LENGTH_BYTES);
    return message.array();
  }

  private @Nullable String follow(char type, Fields fields) {
    return switch (type) {
      case 'Q' -> query(fields);
      case 'P' -> parse(fields);
      case 'B' -> bind(fields);
      case 'E' -> portals.get(fields.text());
      case 'C' -> close(fields);
      default -> null;
    };
  }

  private String query(Fields fields) {
    statements.remove("");
    portals.remove("");
    return fields.text();
  }

  private String parse(Fields fields) {
    String name = fields.text();
    String sql = fields.text();
    statements.put(name, sql);
    return sql;
  }

  private @Nullable String bind(Fields fields) {
    String portal = fields.text();
    String sql = statements.get(fields.text());
    if (sql == null) {
      portals.remove(portal);
    } else {
      portals.put(portal, sql);
    }
    return sql;
  }

  private @Nullable String close(Fields fields) {
    Map<String, String> named = fields.letter() == 'S' ? statements : portals;
    named.remove(fields.text());
    return null;
  }

  /** The fields of a typed message, read one after another. */
  private static final class Fields {

    private final byte[] bytes;
    private int position = 1 + LENGTH_BYTES;

    Fields(byte[] bytes) {
      this.bytes = bytes;
    }

    char letter() {
      return position < bytes.length ? (char) bytes[position++] : 0;
    }

    /** Reads up to the next zero byte. */
    String text() {
      int start = Math.min(position, bytes.length);
      int end = start;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      position = end + 1;
      return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
  }
}
