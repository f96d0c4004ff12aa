package io.rananeeti.internal;

import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Moves sequences past what was seen of them, as a recovery does. */
public final class SeenValues {

  private SeenValues() {}

  /**
   * Moves them.
   *
   * @return what could not be moved
   */
  public static List<String> advance(Map<String, Long> seen, Sequences sequences)
      throws StoreException {
    Map<String, long[]> both = new HashMap<>();
    seen.forEach((name, value) -> both.put(name, new long[] {value, value}));
    return new SeenSequences(sequences).advance(both);
  }
}
