package io.rananeeti.store;

/**
 * Names bytes that are kept beside the log because an entry would be too large with them (a claim
 * check). The same bytes have the same name.
 *
 * @param sha256 their SHA-256, as 64 lower case hexadecimal digits
 * @param length how many they are
 */
public record Content(String sha256, long length) {

  private static final int DIGITS = 64;

  /** Checks the form of the name. */
  public Content {
    if (sha256.length() != DIGITS || !sha256.matches("[0-9a-f]+")) {
      throw new IllegalArgumentException("not a SHA-256 in 64 lower case hexadecimal digits");
    }
    if (length < 0) {
      throw new IllegalArgumentException("content can't have a negative length: " + length);
    }
  }
}
