package io.rananeeti.internal.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * The text of a reader, or as many characters of it as are wanted, in UTF-8. Fails at a surrogate
 * without its partner, which would not come back as it was. Used by one thread.
 */
final class Utf8Stream extends InputStream {

  private static final int CHUNK = 8_192;

  private final Reader reader;
  private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
  private final CharBuffer units = CharBuffer.allocate(CHUNK).flip();
  private final ByteBuffer encoded = ByteBuffer.allocate(4 * CHUNK).flip();
  private long left;
  private boolean ended;

  Utf8Stream(Reader reader, long most) {
    this.reader = reader;
    this.left = most;
  }

  @Override
  public int read() throws IOException {
    return fill() ? encoded.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, encoded.remaining());
    encoded.get(into, offset, count);
    return count;
  }

  private boolean fill() throws IOException {
    while (!encoded.hasRemaining() && !ended) {
      units.compact();
      int most = (int) Math.min(units.remaining(), left);
      int read = most == 0 ? -1 : reader.read(units.array(), units.position(), most);
      if (read > 0) {
        units.position(units.position() + read);
        left -= read;
      }
      units.flip();
      encoded.clear();
      ended = read < 0;
      CoderResult result = encoder.encode(units, encoded, ended);
      if (result.isError()) {
        result.throwException();
      }
      encoded.flip();
    }
    return encoded.hasRemaining();
  }
}
