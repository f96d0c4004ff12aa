package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.List;

/** Finds frames in the bytes of a file, by what they begin with. */
final class LogFrames {

  /** From the beginning of a frame to the document's header before it. */
  static final int HEADER_AT = -4;

  /** From the beginning of a frame to its length. */
  static final int LENGTH_AT = 4;

  private LogFrames() {}

  /** Where frames begin. */
  static List<Integer> in(byte[] bytes) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i + 3 < bytes.length; i++) {
      if (bytes[i] == 'R' && bytes[i + 1] == 'L' && bytes[i + 2] == 'F' && bytes[i + 3] == '1') {
        found.add(i);
      }
    }
    return found;
  }
}
