package io.rananeeti.internal;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Values of sequences that the application has seen, and that no record of the log tells of yet:
 * drawn in a transaction that wrote nothing, was rolled back or can't be retained. The application
 * may use them in a later one, as whoever draws ids in blocks does, so they go to the log with the
 * next transaction that is retained, whosesoever. Thread-safe.
 */
final class UnloggedValues {

  private final Map<String, long[]> spans = new HashMap<>();
  private volatile boolean any;

  synchronized void add(String sequence, long value) {
    any = true;
    long[] span = spans.computeIfAbsent(sequence, first -> new long[] {value, value});
    span[0] = Math.min(span[0], value);
    span[1] = Math.max(span[1], value);
  }

  /**
   * What a transaction has to tell of: what it has seen itself, and these. The ends of what was
   * seen of one sequence stand under two names of it, because which way it goes is not known here.
   */
  Map<String, Long> with(Map<String, Long> own) {
    if (!any) {
      return own;
    }
    Map<String, Long> all = new LinkedHashMap<>(own);
    synchronized (this) {
      spans.forEach(
          (sequence, span) -> {
            all.put(sequence, span[1]);
            if (span[0] != span[1]) {
              all.put(SeenName.again(sequence), span[0]);
            }
          });
    }
    return all;
  }

  /** The log tells of these now. */
  void logged(Map<String, Long> told) {
    if (!any || told.isEmpty()) {
      return;
    }
    synchronized (this) {
      spans.entrySet().removeIf(each -> isTold(told, each.getKey(), each.getValue()));
      any = !spans.isEmpty();
    }
  }

  private static boolean isTold(Map<String, Long> told, String sequence, long[] span) {
    Long most = told.get(sequence);
    Long least = told.getOrDefault(SeenName.again(sequence), most);
    return most != null && least != null && most == span[1] && least == span[0];
  }

  /** The least and the greatest value of each. */
  synchronized Map<String, long[]> spans() {
    Map<String, long[]> copies = new HashMap<>();
    spans.forEach((sequence, span) -> copies.put(sequence, span.clone()));
    return copies;
  }
}
