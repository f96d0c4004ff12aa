package io.rananeeti.testkit.simulation;

/**
 * What is not usual in a run. Drawn from a generator of its own, so that a run that has none of
 * them goes as it would if there were none.
 *
 * @param patient between transactions and between faults there is time enough for housekeeping
 * @param lasting clients take so long that they meet most faults
 * @param lateStay a COMMIT that is late stays so, with its locks, until the platform ends it
 * @param inContext some transactions set something that their rows must show
 * @param rewrites transfers that read set what they have read and locked, instead of adding to it
 * @param notifies who reads also notifies, which has no transaction id
 * @param asks some callers ask what became of their transaction as soon as they are told
 */
record Habits(
    boolean patient,
    boolean lasting,
    boolean lateStay,
    boolean inContext,
    boolean rewrites,
    boolean notifies,
    boolean asks) {

  private static final long OWN = 0x4841424954530000L;
  private static final int PATIENCE = 25;
  private static final int LASTING = 8;

  static Habits draw(long seed) {
    SeededRandom random = new SeededRandom(seed ^ OWN);
    return new Habits(
        random.oneIn(8),
        !random.oneIn(4),
        random.oneIn(4),
        random.oneIn(4),
        random.oneIn(4),
        random.oneIn(4),
        random.oneIn(4));
  }

  /** How many times as long as usual clients pause. */
  int patienceOfClients() {
    return patience() * (lasting ? LASTING : 1);
  }

  /** How many times as long as usual pauses between faults are. */
  int patience() {
    return patient ? PATIENCE : 1;
  }
}
