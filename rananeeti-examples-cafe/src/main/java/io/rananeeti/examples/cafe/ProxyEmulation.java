package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/** Faults made by a proxy in front of the database, which resets the connection. */
final class ProxyEmulation implements Emulation {

  private static final double PROBABILITY = 0.5;

  private final FaultProxy proxy;

  ProxyEmulation(FaultProxy proxy) {
    this.proxy = proxy;
  }

  @Override
  public boolean isPossible() {
    return true;
  }

  @Override
  public Rule start(Order order, Runnable onReset) {
    Fault fault =
        proxy
            .on(Message.execute().containing("emulate " + order.number()))
            .always()
            .withProbability(PROBABILITY, new Coin(onReset))
            .reset();
    return fault::cancel;
  }

  /** A coin that tells when it has fallen on the side of the fault. */
  private record Coin(Runnable onReset) implements RandomGenerator {

    private static final SecureRandom RANDOM = new SecureRandom();

    @Override
    public long nextLong() {
      return RANDOM.nextLong();
    }

    @Override
    public double nextDouble() {
      double thrown = RANDOM.nextDouble();
      if (thrown < PROBABILITY) {
        onReset.run();
      }
      return thrown;
    }
  }
}
