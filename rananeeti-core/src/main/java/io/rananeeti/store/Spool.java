package io.rananeeti.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Keeps content of any size beside the log, on the same disk and within the same limits, for as
 * long as an entry of the log that waits, or a transaction under way, names it. Thread-safe.
 *
 * <p>It survives what the log survives: what an entry names was forced before that entry was.
 */
public interface Spool {

  /**
   * Takes all of a stream, which is not closed, without ever having the whole of it in memory. It
   * is kept until the transaction for which it was taken has ended, and for longer if an entry of
   * the log names it.
   *
   * @throws io.rananeeti.error.LogFullException if there is no room for it, as for an entry
   * @throws IOException if the stream can't be read, or the disk not be written
   */
  Content take(InputStream bytes) throws IOException;

  /**
   * Reads content from its first byte; to be closed. What is read was compared with its name when
   * the end is reached.
   *
   * @throws IOException if it is not there, or no longer what was taken
   */
  InputStream read(Content content) throws IOException;

  /**
   * A parameter with its content in it, all of which is in memory then: the same as it was before
   * its value went to the spool. One that has none is returned as it is.
   *
   * @throws IOException as {@link #read} does
   */
  default Parameter whole(Parameter parameter) throws IOException {
    if (!(parameter.value() instanceof Content content)) {
      return parameter;
    }
    try (InputStream in = read(content)) {
      byte[] bytes = in.readAllBytes();
      return parameter.withValue(
          parameter.isOfText() ? new String(bytes, StandardCharsets.UTF_8) : bytes);
    }
  }
}
