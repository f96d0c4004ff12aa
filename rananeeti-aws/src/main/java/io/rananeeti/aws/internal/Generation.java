package io.rananeeti.aws.internal;

/**
 * Counts how often what the registration made was found to be gone: what is there then is another
 * writer than before. Thread-safe.
 */
public final class Generation {

  private boolean registered;
  private int number;

  /** The registration is there. */
  public synchronized void registered() {
    registered = true;
  }

  /**
   * It is not.
   *
   * @return whether it was until now
   */
  public synchronized boolean unregistered() {
    boolean was = registered;
    registered = false;
    number += was ? 1 : 0;
    return was;
  }

  /** How often it was gone. */
  public synchronized int number() {
    return number;
  }
}
