package io.rananeeti.internal.log;

import io.rananeeti.store.Content;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Reads content, and compares it with its name before the last of its bytes is given out: whoever
 * reads as many bytes as the name says, and never asks for the end, is told as well. Used by one
 * thread.
 */
final class ContentStream extends FilterInputStream {

  private final Content content;
  private final MessageDigest digest = ContentSpool.sha256();
  private long left;
  private boolean compared;

  ContentStream(InputStream file, Content content) {
    super(file);
    this.content = content;
    this.left = content.length();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int count = left == 0 ? 0 : in.read(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw damaged("it ends %d bytes early".formatted(left));
    }
    digest.update(into, offset, count);
    left -= count;
    if (left == 0 && !compared) {
      compare();
    }
    return count == 0 ? -1 : count;
  }

  private void compare() throws IOException {
    if (in.read() >= 0) {
      throw damaged("it is longer than it was");
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(content.sha256())) {
      throw damaged("its bytes are others");
    }
    compared = true;
  }

  private IOException damaged(String how) {
    return new LostContentException(
        "content in the log's spool is no longer what was taken: %s, file=%s bytes=%d; bring the file back from a copy"
            .formatted(how, content.sha256(), content.length()),
        null);
  }

  /** What is skipped is read too, or it could not be compared. */
  @Override
  public long skip(long count) throws IOException {
    byte[] passed = new byte[8_192];
    long skipped = 0;
    while (skipped < count) {
      int read = read(passed, 0, (int) Math.min(passed.length, count - skipped));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(left, in.available());
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
