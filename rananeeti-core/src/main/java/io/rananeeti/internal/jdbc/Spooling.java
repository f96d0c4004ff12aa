package io.rananeeti.internal.jdbc;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.Refusals;
import io.rananeeti.internal.log.ContentHold;
import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/**
 * Puts streams that are too long to be kept in memory into the spool, while their transaction would
 * go to the log anyway. Owned by the connection's thread.
 */
final class Spooling {

  private static final String UNREADABLE = "58030";
  private static final String BAD_LENGTH = "22023";

  private final ContentHold hold;

  Spooling(ContentHold hold) {
    this.hold = hold;
  }

  /** A stream of bytes; the call passes them, or a stream of them. */
  Given bytes(Call call, Kind kind, InputStream in, long length) throws SQLException {
    Content content = take(new LimitedStream(in, length));
    if (kind == Kind.BYTES && length != Long.MAX_VALUE && content.length() < length) {
      hold.giveUp(content);
      throw new SQLException(
          "the stream ends after %d of %d bytes".formatted(content.length(), length), BAD_LENGTH);
    }
    Remade anew = driver -> read(content);
    return Given.kept(call.with(anew), Parameter.of(kind, content));
  }

  /** A stream of characters, or of bytes that are text. */
  Given text(Call call, Kind kind, Reader reader, long length, boolean asBytes)
      throws SQLException {
    Content content = take(new Utf8Stream(reader, length));
    Remade anew =
        driver ->
            asBytes ? read(content) : new InputStreamReader(read(content), StandardCharsets.UTF_8);
    return Given.kept(call.with(anew), Parameter.of(kind, content));
  }

  /** A CLOB, which drivers want whole. */
  Given clob(Call call, Reader reader) throws SQLException {
    Content content = take(new Utf8Stream(reader, Long.MAX_VALUE));
    Remade anew =
        driver -> {
          try (InputStream in = read(content)) {
            return KeptClob.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException e) {
            throw Refusals.contentLost(e);
          }
        };
    return Given.kept(call.with(anew), Parameter.of(Kind.CLOB, content));
  }

  private Content take(InputStream in) throws SQLException {
    return taking(() -> hold.takeForParameter(in));
  }

  /** What puts something into the spool. */
  @FunctionalInterface
  interface Taking<T> {
    T run() throws IOException;
  }

  /** The same; a failure in the words of JDBC. */
  static <T> T taking(Taking<T> taking) throws SQLException {
    try {
      return taking.run();
    } catch (LogFullException e) {
      throw Refusals.logFull(e);
    } catch (LogFailedException e) {
      throw new SQLException("the content can't be kept: " + e.getMessage(), UNREADABLE, e);
    } catch (IOException e) {
      throw new SQLException("the content can't be read: " + e.getMessage(), UNREADABLE, e);
    }
  }

  private InputStream read(Content content) throws SQLException {
    try {
      return hold.read(content);
    } catch (IOException e) {
      throw Refusals.contentLost(e);
    }
  }
}
