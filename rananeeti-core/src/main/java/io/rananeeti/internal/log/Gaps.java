package io.rananeeti.internal.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Which entries can be read, told one by one in the order in which they lie in the files, and so
 * which can't. Used by one thread.
 */
final class Gaps {

  private final List<Run> runs = new ArrayList<>();
  private boolean ordered = true;

  private record Run(long from, long to) {}

  /** This entry can be read. */
  void readable(long sequence) {
    Run last = runs.isEmpty() ? new Run(0, 0) : runs.get(runs.size() - 1);
    if (sequence <= last.to()) {
      ordered = false;
    } else if (sequence == last.to() + 1 && !runs.isEmpty()) {
      runs.set(runs.size() - 1, new Run(last.from(), sequence));
    } else {
      runs.add(new Run(sequence, sequence));
    }
  }

  /** Whether each entry lies behind those with smaller sequences, as it was written. */
  boolean ordered() {
    return ordered;
  }

  /**
   * The entries between these two, both included, that can't be read.
   *
   * @return {@code 3-7,11}, empty if there are none
   */
  String between(long first, long last) {
    List<String> gaps = new ArrayList<>();
    long expected = first;
    for (Run run : runs) {
      add(gaps, expected, Math.min(run.from() - 1, last));
      expected = Math.max(expected, run.to() + 1);
    }
    add(gaps, expected, last);
    return String.join(",", gaps);
  }

  private static void add(List<String> gaps, long from, long to) {
    if (from <= to) {
      gaps.add(from == to ? String.valueOf(from) : from + "-" + to);
    }
  }
}
