package io.rananeeti.internal.shared;

import java.nio.charset.StandardCharsets;

/**
 * What all nodes have agreed upon about one store. Changed by compare-and-set only, to the next
 * generation each time. As text, so that a person can read it in the table.
 *
 * @param mode what nodes may do
 * @param generation grows by one with each change; 0 before the first
 */
record Agreement(Mode mode, long generation) {

  /** Before anybody has agreed upon anything. */
  static final Agreement FIRST = new Agreement(Mode.LOGGED, 0);

  enum Mode {
    /** Nobody commits directly: what is accepted goes to the log, and is applied from there. */
    LOGGED,
    /** Likewise; and all close their gates, apply the last entries, and say so. */
    CLOSING,
    /** Nothing waits anywhere, and who can reach the store commits to it. */
    DIRECT
  }

  Agreement next(Mode to) {
    return new Agreement(to, generation + 1);
  }

  byte[] bytes() {
    return (mode + " " + generation).getBytes(StandardCharsets.UTF_8);
  }

  static Agreement of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int space = text.indexOf(' ');
    try {
      return new Agreement(
          Mode.valueOf(text.substring(0, Math.max(0, space))),
          Long.parseLong(text.substring(space + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("the shared log holds no agreement but: " + text, e);
    }
  }
}
