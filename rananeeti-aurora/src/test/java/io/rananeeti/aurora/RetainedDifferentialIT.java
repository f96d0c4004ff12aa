package io.rananeeti.aurora;

/** The same where the platform retains: it reads what writes answer, and nobody notices. */
class RetainedDifferentialIT extends DifferentialIT {

  private static final int SEQUENCES = 400;

  @Override
  boolean retains() {
    return true;
  }

  @Override
  int sequences() {
    return SEQUENCES;
  }
}
