package io.rananeeti.store;

/**
 * What the application calls a transaction by whenever it tries it again, and what that is about
 * (S6).
 *
 * @param key as the application gave it: up to 255 characters
 * @param digest of its content, as hexadecimal digits: equal for the same statements with the same
 *     parameters, whichever way they were run
 */
public record Intent(String key, String digest) {

  /** Shows no key: it may be somebody's secret. */
  @Override
  public String toString() {
    return "Intent[digest=" + digest + "]";
  }
}
