package io.rananeeti.store;

import java.util.List;

/**
 * Values drawn from a sequence that nobody else will ever get from it.
 *
 * @param sequence its name in full, equal for the same sequence however the application names it
 * @param values in the order in which the sequence gave them
 * @param state what {@link Sequences#states} says of the sequence
 */
public record Lease(String sequence, List<ValueRange> values, String state) {

  /** Copies the list. */
  public Lease {
    values = List.copyOf(values);
  }
}
