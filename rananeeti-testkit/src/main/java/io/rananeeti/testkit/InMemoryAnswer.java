package io.rananeeti.testkit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a statement answered.
 *
 * @param count rows changed; -1 where there are rows
 * @param rows the rows, null where there is a count
 */
record InMemoryAnswer(long count, @Nullable List<List<String>> rows) {

  static InMemoryAnswer count(long count) {
    return new InMemoryAnswer(count, null);
  }

  static InMemoryAnswer rows(List<List<String>> rows) {
    return new InMemoryAnswer(-1, rows);
  }
}
