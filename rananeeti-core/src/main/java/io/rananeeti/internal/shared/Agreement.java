package io.rananeeti.internal.shared;

import java.nio.charset.StandardCharsets;

/**
 * What all nodes have agreed upon about one store. Changed by compare-and-set only, to the next
 * generation each time. As text, so that a person can read it in the table.
 *
 * @param mode what nodes may do
 * @param generation grows by one with each change; 0 before the first
 * @param tails the writer that must have what all nodes had acknowledged
 */
record Agreement(Mode mode, long generation, Tails tails) {

  /** Before anybody has agreed upon anything. */
  static final Agreement FIRST = new Agreement(Mode.LOGGED, 0, Tails.NONE);

  enum Mode {
    /** Nobody commits directly: what is accepted goes to the log, and is applied from there. */
    LOGGED,
    /** Likewise; and all close their gates, apply the last entries, and say so. */
    CLOSING,
    /** Nothing waits anywhere, and who can reach the store commits to it. */
    DIRECT
  }

  Agreement next(Mode to) {
    return new Agreement(to, generation + 1, tails);
  }

  /** Nobody commits directly, and each node looks whether this writer has its tail. */
  Agreement naming(Tails.Found writer) {
    return new Agreement(Mode.LOGGED, generation + 1, tails.next(writer));
  }

  byte[] bytes() {
    return (mode + " " + generation + "\n" + tails.text()).getBytes(StandardCharsets.UTF_8);
  }

  static Agreement of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int space = text.indexOf(' ');
    int line = text.indexOf('\n');
    try {
      return new Agreement(
          Mode.valueOf(text.substring(0, Math.max(0, space))),
          Long.parseLong(text.substring(space + 1, line < 0 ? text.length() : line)),
          line < 0 ? Tails.NONE : Tails.of(text.substring(line + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("the shared log holds no agreement but: " + text, e);
    }
  }
}
