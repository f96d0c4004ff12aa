package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/**
 * The number of an order: BLAKE2b with 80 bits over the fields of its form and the form's token, as
 * 20 lower-case hex digits.
 *
 * <p>Every part goes in behind its length, so that no two forms run together into the same bytes.
 * One form sent twice has one number; two forms that were filled in alike have two, because every
 * form that is handed out carries a token of its own.
 */
final class OrderNumber {

  private static final int BITS = 80;
  private static final int TOKEN_BYTES = 16;
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{20}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private OrderNumber() {}

  /** A new token, for a form that is handed out, or for a request that came without one. */
  static String newToken() {
    byte[] token = new byte[TOKEN_BYTES];
    RANDOM.nextBytes(token);
    return HexFormat.of().formatHex(token);
  }

  /** The number of the form that has these parts, in this order. */
  static String of(String... parts) {
    Blake2bDigest digest = new Blake2bDigest(BITS);
    for (String part : parts) {
      byte[] bytes = part.getBytes(UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array(), 0, 4);
      digest.update(bytes, 0, bytes.length);
    }
    byte[] number = new byte[BITS / Byte.SIZE];
    digest.doFinal(number, 0);
    return HexFormat.of().formatHex(number);
  }

  /** Whether the text looks like an order's number. */
  static boolean isNumber(String text) {
    return FORM.matcher(text).matches();
  }
}
