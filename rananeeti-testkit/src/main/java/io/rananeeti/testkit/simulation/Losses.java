package io.rananeeti.testkit.simulation;

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
 */
record Losses(boolean tail, boolean region, boolean unkept, Set<String> returned) {

  static final Losses NONE = new Losses(false, false, false, Set.of());

  Losses {
    returned = Set.copyOf(returned);
  }
}
