package io.rananeeti.examples.cafe;

/** For a database that is reached without a detour: nothing can be broken on the way. */
final class NoEmulation implements Emulation {

  @Override
  public boolean isPossible() {
    return false;
  }

  @Override
  public Rule start(Order order, Runnable onReset) {
    return () -> {};
  }
}
