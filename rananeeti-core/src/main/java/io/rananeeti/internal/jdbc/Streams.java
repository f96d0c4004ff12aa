package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads streams and LOBs once, and keeps them: in memory if they are not too long, else in the
 * spool if there is one now. Owned by the connection's thread.
 *
 * <p>Not more is read than a length that was given with a stream, or than shows that it is too
 * long; what was read of one that is too long is put in front of the rest again.
 */
final class Streams {

  /** The most bytes of one parameter, text in UTF-8: about half of the largest entry of a log. */
  static final int LARGEST = 8 << 20;

  /** The most bytes of all that are set until a transaction ends. */
  static final int MOST = 16 << 20;

  private static final int CHUNK = 8_192;
  private static final int MOST_BYTES_OF_A_CHARACTER = 4;
  private static final String UNREADABLE = "58030";
  private static final String BAD_LENGTH = "22023";
  private static final long ENDLESS = Long.MAX_VALUE;

  private final Supplier<@Nullable Spooling> spooling;
  private int kept;

  /**
   * With nothing kept.
   *
   * @param spooling where what is too long for memory goes now; null if it can't be kept
   */
  Streams(Supplier<@Nullable Spooling> spooling) {
    this.spooling = spooling;
  }

  void over() {
    kept = 0;
  }

  /**
   * Of a call that passes bytes.
   *
   * @param kind text for streams that hold text
   */
  Given bytes(Call call, Kind kind, InputStream in) throws SQLException {
    long length = length(call);
    boolean isText = kind == Kind.STRING;
    byte[] head = read(in, lengthInBytes(call, length));
    if (head.length > room()) {
      return longBytes(call, kind, front(head, in), length);
    }
    if (kind == Kind.BYTES && length != ENDLESS && head.length < length) {
      throw new SQLException(
          "the stream ends after %d of %d bytes".formatted(head.length, length), BAD_LENGTH);
    }
    kept += head.length;
    Remade anew = driver -> new ByteArrayInputStream(head);
    return Given.kept(
        call.with(anew), Parameter.of(kind, isText ? text(call, head, length) : head));
  }

  /** Of a call that passes characters. */
  Given text(Call call, Kind kind, Reader reader) throws SQLException {
    String head = read(reader, length(call));
    if (utf8Length(head) > room()) {
      Reader whole = new SequenceReader(head, reader);
      Spooling into = spooling.get();
      return into == null
          ? tooLong(call.with(new PassedOn(whole)))
          : into.text(call, kind, whole, length(call), false);
    }
    kept += (int) utf8Length(head);
    Remade anew = driver -> new StringReader(head);
    return Given.kept(call.with(anew), Parameter.of(kind, head));
  }

  /**
   * Of a call that passes a BLOB.
   *
   * @param sized the call that passes a stream and its length in its stead
   * @param endless the one for a stream of unknown length
   */
  Given blob(Call call, Blob blob, Call sized, Call endless) throws SQLException {
    long length = blob.length();
    if (length > room()) {
      Spooling into = spooling.get();
      return into == null
          ? tooLong(call)
          : into.bytes(endless, Kind.BLOB, blob.getBinaryStream(), length);
    }
    InputStream in = blob.getBinaryStream();
    byte[] head = read(in, length < 0 ? ENDLESS : length);
    if (head.length > room()) {
      return longBytes(endless, Kind.BLOB, front(head, in), ENDLESS);
    }
    close(in);
    kept += head.length;
    Remade anew = driver -> new ByteArrayInputStream(head);
    Call instead = Call.of(sized.method(), sized.args().get(0), null, (long) head.length);
    return Given.kept(instead.with(anew), Parameter.of(Kind.BLOB, head));
  }

  /** Of a call that passes a CLOB. */
  Given clob(Call call, Clob clob) throws SQLException {
    long length = clob.length();
    if (length > room()) {
      return longClob(call, clob);
    }
    String text = read(clob.getCharacterStream(), length < 0 ? ENDLESS : length);
    if (utf8Length(text) > room()) {
      return longClob(call, clob);
    }
    kept += (int) utf8Length(text);
    Remade anew = driver -> KeptClob.of(text);
    return Given.kept(call.with(anew), Parameter.of(Kind.CLOB, text));
  }

  private Given longBytes(Call call, Kind kind, InputStream whole, long length)
      throws SQLException {
    Spooling into = spooling.get();
    if (into == null) {
      return tooLong(call.with(new PassedOn(whole)));
    }
    return kind == Kind.STRING
        ? into.text(call, kind, new InputStreamReader(whole, charset(call)), length, true)
        : into.bytes(call, kind, whole, length);
  }

  private Given longClob(Call call, Clob clob) throws SQLException {
    Spooling into = spooling.get();
    return into == null ? tooLong(call) : into.clob(call, clob.getCharacterStream());
  }

  private int room() {
    return Math.min(LARGEST, MOST - kept);
  }

  private static Given tooLong(Call call) {
    return Given.unkept(
        call,
        "longer than the log keeps: %d bytes, and %d of all streams of a transaction"
            .formatted(LARGEST, MOST),
        true);
  }

  private static long length(Call call) throws SQLException {
    if (call.args().size() < 3
        || call.method().getName().equals("setObject")
        || !(call.args().get(2) instanceof Number given)) {
      return ENDLESS;
    }
    if (given.longValue() < 0) {
      throw new SQLException("a stream has no negative length: " + given, BAD_LENGTH);
    }
    return given.longValue();
  }

  /** The length of a stream in UTF-8 is one of characters, as drivers take it. */
  private static long lengthInBytes(Call call, long length) {
    boolean utf8 = call.method().getName().equals("setUnicodeStream");
    return utf8 && length != ENDLESS ? length * MOST_BYTES_OF_A_CHARACTER : length;
  }

  private static void close(InputStream in) throws SQLException {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Up to the length, or one byte more than there is room for. */
  private byte[] read(InputStream in, long length) throws SQLException {
    try {
      return in.readNBytes((int) Math.min(length, room() + 1L));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Up to the length, or a little more than there is room for. */
  private String read(Reader reader, long length) throws SQLException {
    StringBuilder text = new StringBuilder();
    char[] chunk = new char[CHUNK];
    try {
      while (text.length() < length && text.length() <= room()) {
        int read = reader.read(chunk, 0, (int) Math.min(CHUNK, length - text.length()));
        if (read < 0) {
          break;
        }
        text.append(chunk, 0, read);
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return text.toString();
  }

  private static SQLException unreadable(IOException cause) {
    return new SQLException("the stream can't be read", UNREADABLE, cause);
  }

  private static InputStream front(byte[] head, InputStream rest) {
    return new SequenceInputStream(new ByteArrayInputStream(head), rest);
  }

  private static String text(Call call, byte[] head, long length) {
    String text = new String(head, charset(call));
    return text.length() > length ? text.substring(0, (int) length) : text;
  }

  private static Charset charset(Call call) {
    boolean ascii = call.method().getName().equals("setAsciiStream");
    return ascii ? StandardCharsets.US_ASCII : StandardCharsets.UTF_8;
  }

  /** At least as many bytes as UTF-8 takes. */
  private static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    }
    return bytes;
  }
}
