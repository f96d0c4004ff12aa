package io.rananeeti.benchmarks.jdbc;

import java.time.Duration;

/**
 * One table of the result: who is measured against whom under the same conditions.
 *
 * @param network what a round trip takes besides; none where it is zero
 */
record Cell(Commits commits, Duration network, Work work) {

  boolean throughNetwork() {
    return !network.isZero();
  }

  @Override
  public String toString() {
    return "%s, %s, %s"
        .formatted(work, commits, throughNetwork() ? network.toMillis() + " ms" : "no network");
  }
}
