package io.rananeeti.examples.frameworks.matrix;

/** What the database is going through. */
enum Phase {
  HEALTHY("healthy"),
  IN_TRANSACTION("killed in the transaction"),
  AT_COMMIT("killed at COMMIT"),
  BETWEEN("killed between transactions"),
  DOWN("down for 10 s"),
  BACK("back");

  private final String title;

  Phase(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
