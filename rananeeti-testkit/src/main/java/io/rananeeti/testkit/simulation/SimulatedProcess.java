package io.rananeeti.testkit.simulation;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * A process of a {@link Simulation}: its threads die together, pause together, and read one wall
 * clock, which may be wrong.
 */
public final class SimulatedProcess implements Seams {

  private final Simulation simulation;
  private final String name;
  private final SeededRandom random;
  private Duration skew = Duration.ZERO;
  private long pausedUntil;
  private boolean paused;
  private long stepsToDeath = Long.MAX_VALUE;
  private boolean dead;

  SimulatedProcess(Simulation simulation, String name, long seed) {
    this.simulation = simulation;
    this.name = name;
    this.random = new SeededRandom(seed);
  }

  /** The simulation that it is part of. */
  public Simulation simulation() {
    return simulation;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Whether it has died. */
  public boolean isDead() {
    return dead;
  }

  void die() {
    dead = true;
  }

  /** Its wall clock is this much ahead of the simulation's; negative for behind. */
  public void skew(Duration by) {
    skew = by;
  }

  /** None of its threads does anything for this long. */
  public void pause(Duration time) {
    pausedUntil = simulation.nanos() + time.toNanos();
    paused = true;
  }

  /** It dies at its n-th step from now, from 1, wherever that is. */
  public void dieInStep(long n) {
    stepsToDeath = n;
  }

  /** Whether it ever was. */
  boolean wasPaused() {
    return paused;
  }

  long pausedUntil() {
    return pausedUntil;
  }

  /** One of its threads does something; whether that was its last act. */
  boolean stepsToItsDeath() {
    return --stepsToDeath == 0;
  }

  @Override
  public Instant now() {
    simulation.point("now");
    return simulation.start().plusNanos(simulation.nanos()).plus(skew);
  }

  @Override
  public long nanoTime() {
    simulation.point("nanoTime");
    return simulation.nanos();
  }

  @Override
  public Waiter newWaiter() {
    return new SimulatedWaiter(simulation);
  }

  @Override
  public Running start(String threadName, Runnable body) {
    return simulation.start(this, threadName, body);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public String toString() {
    return name;
  }
}
