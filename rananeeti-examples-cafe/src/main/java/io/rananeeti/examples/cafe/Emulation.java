package io.rananeeti.examples.cafe;

/**
 * Real faults for orders that ask for them: while a rule stands, each attempt to send the order's
 * statement to the database loses its connection with probability one half.
 *
 * <p>The statement carries the order's number in a comment, so that the fault hits this order only.
 */
interface Emulation {

  /** A fault that stands until it is closed. */
  interface Rule extends AutoCloseable {
    @Override
    void close();
  }

  /** The comment in the statement of an emulated order; nothing for any other. */
  static String mark(Order order) {
    return order.emulate() ? " /* emulate " + order.number() + " */" : "";
  }

  /** Whether there is anything to break: not if the database is reached without a detour. */
  boolean isPossible();

  /**
   * Lets attempts of this order fail until the rule is closed.
   *
   * @param onReset told of each connection that was reset, on a thread of the proxy
   */
  Rule start(Order order, Runnable onReset);
}
