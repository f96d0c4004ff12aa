package io.rananeeti.internal.shared;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a node says of itself each time it shows that it lives. As text, so that a person can read
 * it in the table.
 *
 * @param log the id of its log
 * @param life who writes it: a value that changes with the owner, so that one who is no more the
 *     owner finds out
 * @param taken whether the owner has taken it over from a node that was dead
 * @param standings where it stands with each store
 */
record Presence(UUID log, UUID life, boolean taken, SortedMap<String, Standing> standings) {

  Presence {
    standings = Collections.unmodifiableSortedMap(new TreeMap<>(standings));
  }

  /** How far a node has come with what was agreed upon. */
  enum Report {
    /** Something waits here, or the store can't be reached from here. */
    AWAY,
    /** Nothing waits here. */
    READY,
    /** Nothing waits here, and nobody is let in until the agreement has changed. */
    CLOSED
  }

  /**
   * Where a node stands with one store.
   *
   * @param obeyed the generation of the agreement that it acts by
   * @param report how far it has come with it
   * @param whole the number of the last {@link Tails} whose writer has all that this node had
   *     acknowledged
   */
  record Standing(long obeyed, Report report, long whole) {}

  private static final Standing NOWHERE = new Standing(-1, Report.AWAY, -1);

  Standing standing(String store) {
    return standings.getOrDefault(store, NOWHERE);
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder();
    text.append(log).append(' ').append(life).append(taken ? " taken" : " own");
    standings.forEach(
        (store, standing) ->
            text.append('\n')
                .append(standing.obeyed())
                .append(' ')
                .append(standing.report())
                .append(' ')
                .append(standing.whole())
                .append(' ')
                .append(store));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static Presence of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      String[] lines = text.split("\n", -1);
      String[] ids = lines[0].split(" ", 3);
      SortedMap<String, Standing> standings = new TreeMap<>();
      for (int i = 1; i < lines.length; i++) {
        String[] parts = lines[i].split(" ", 4);
        standings.put(
            parts[3],
            new Standing(
                Long.parseLong(parts[0]), Report.valueOf(parts[1]), Long.parseLong(parts[2])));
      }
      return new Presence(
          UUID.fromString(ids[0]), UUID.fromString(ids[1]), ids[2].equals("taken"), standings);
    } catch (RuntimeException e) {
      throw new IllegalStateException("the shared log holds no presence but: " + text, e);
    }
  }
}
