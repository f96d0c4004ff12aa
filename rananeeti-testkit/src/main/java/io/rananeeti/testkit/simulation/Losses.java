package io.rananeeti.testkit.simulation;

import java.util.List;
import java.util.Set;

/**
 * What a database may have lost of what was committed.
 *
 * @param tail whether anything at all: who has read may have seen it
 * @param region whether also what was acknowledged: where transactions are retained it is there in
 *     the end, and may have been applied again behind what other nodes did meanwhile
 * @param unkept whether a platform has said that it could not keep something that was acknowledged
 * @param returned names of what was there when a writer came back that had been given up: its
 *     platform may have settled otherwise in between
 * @param together the names of what each region has lost: each node applies its own again, in its
 *     order and beside the others
 * @param late names of those of them that only the disk of a node had that others took for dead:
 *     they are there once that is back, behind what came meanwhile
 * @param gone names of those of them of which no disk is back
 */
record Losses(
    boolean tail,
    boolean region,
    boolean unkept,
    Set<String> returned,
    List<Lost> together,
    Set<String> late,
    Set<String> gone) {

  /**
   * What one region has lost.
   *
   * @param at who had begun to commit before this time of the history had sent it there
   */
  record Lost(Set<String> names, long at) {}

  static final Losses NONE =
      new Losses(false, false, false, Set.of(), List.of(), Set.of(), Set.of());

  Losses {
    returned = Set.copyOf(returned);
    together = List.copyOf(together);
    late = Set.copyOf(late);
    gone = Set.copyOf(gone);
  }

  /** Whether both were lost with one region, of two nodes; or the second was in doubt there. */
  boolean haveLost(Told first, Told second) {
    return !first.node().equals(second.node())
        && together.stream()
            .anyMatch(
                lost ->
                    lost.names().contains(first.work().name())
                        && (lost.names().contains(second.work().name())
                            || second.committing() < lost.at()));
  }
}
