package io.rananeeti.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The content of an object, read from S3 as it is read here; to be closed. Whoever has read it to
 * its end without an exception has read what was put there: length and, of what was put through the
 * platform, SHA-256 are compared at the end. Not thread-safe.
 */
public final class ObjectInput extends FilterInputStream {

  private final StoredObject object;
  private final MessageDigest digest = Digest.sha256();
  private long length;
  private boolean compared;

  ObjectInput(InputStream in, StoredObject object) {
    super(in);
    this.object = object;
  }

  /** What S3 says of it. */
  public StoredObject object() {
    return object;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int most) throws IOException {
    int n = super.read(bytes, from, most);
    if (n > 0) {
      digest.update(bytes, from, n);
      length += n;
    } else if (n < 0 && !compared) {
      compare();
    }
    return n;
  }

  private void compare() throws IOException {
    compared = true;
    if (length != object.length()) {
      throw new IOException(
          "the content of object %s ends after %d of %d bytes: read it again"
              .formatted(object.key(), length, object.length()));
    }
    String sha256 = object.sha256();
    if (sha256 != null && !sha256.equals(HexFormat.of().formatHex(digest.digest()))) {
      throw new TamperedObjectException(object.key());
    }
  }

  /** By reading, so that what is skipped is compared too. */
  @Override
  public long skip(long most) throws IOException {
    byte[] skipped = new byte[(int) Math.max(0, Math.min(most, 8 << 10))];
    return Math.max(0, read(skipped, 0, skipped.length));
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
