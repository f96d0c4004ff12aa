package io.rananeeti.internal;

import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
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
    SeenSequences all = new SeenSequences();
    all.add(seen);
    return all.advance(sequences);
  }
}
