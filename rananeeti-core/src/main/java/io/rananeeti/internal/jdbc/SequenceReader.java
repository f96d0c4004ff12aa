package io.rananeeti.internal.jdbc;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;

/** What was read ahead, and then the rest. */
final class SequenceReader extends Reader {

  private final Reader head;
  private final Reader rest;

  SequenceReader(String head, Reader rest) {
    this.head = new StringReader(head);
    this.rest = rest;
  }

  @Override
  public int read(char[] buffer, int from, int length) throws IOException {
    int read = head.read(buffer, from, length);
    return read < 0 ? rest.read(buffer, from, length) : read;
  }

  @Override
  public void close() throws IOException {
    rest.close();
  }
}
