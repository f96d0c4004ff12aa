package io.rananeeti.testkit;

/**
 * A sequence: its values are drawn outside of all transactions, and a draw is on disk with the next
 * commit that anybody makes. Until then a crash of the server takes it back, as PostgreSQL's may.
 * Guarded by the database's waiter.
 */
final class InMemorySequence {

  private long last;
  private long durable;

  long next() {
    return ++last;
  }

  /** All that was drawn so far is on disk. */
  void committed() {
    durable = last;
  }

  /** The server has crashed. */
  void crashed() {
    last = durable;
  }

  /** Gives no value any more up to this one. */
  void advance(long past) {
    last = Math.max(last, past);
    committed();
  }

  long last() {
    return last;
  }

  /** What is on disk of it. */
  long durable() {
    return durable;
  }

  /** Another server has this of it. */
  void restore(long value) {
    last = value;
    durable = value;
  }
}
