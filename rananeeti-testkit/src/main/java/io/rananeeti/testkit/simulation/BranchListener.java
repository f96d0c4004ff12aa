package io.rananeeti.testkit.simulation;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;

/** Counts the ways of recovery that a platform tells of. */
final class BranchListener implements PlatformListener {

  private final Counters counters;

  BranchListener(Counters counters) {
    this.counters = counters;
  }

  /** What a platform that has just been opened has found in its log. */
  void opened(DataPlatform platform, String store) {
    Health.StoreHealth health = platform.health().stores().get(store);
    if (health != null && health.backlog() > 0) {
      counters.count(Branch.OPENED_WITH_BACKLOG);
    }
    if (health != null && health.deadLetters() > 0) {
      counters.count(Branch.OPENED_WITH_LETTERS);
    }
  }

  @Override
  public void applied(Receipt receipt) {
    counters.count(Branch.DRAINED);
  }

  @Override
  public void rejected(DeadLetter letter) {
    counters.count(Branch.DEAD_LETTER);
  }

  @Override
  public void availability(String which, Availability from, Availability to) {
    switch (from) {
      case UP ->
          counters.count(to == Availability.DOWN ? Branch.WENT_DOWN : Branch.RECOVERED_FROM_UP);
      case DOWN -> counters.count(Branch.CAME_BACK);
      case RECOVERING ->
          counters.count(to == Availability.UP ? Branch.RECOVERED : Branch.LOST_AGAIN);
    }
  }

  @Override
  public void alarm(String which, String message) {
    if (message.contains("is asked to wait")) {
      counters.count(Branch.BLOCKED);
    }
    if (message.startsWith("the drain has stopped")) {
      counters.count(Branch.ENVIRONMENT_ALARM);
    }
    if (message.contains(Node.STALE)) {
      counters.count(Branch.STALE_BRANCH);
    }
    if (message.contains("nothing more is accepted until a restart")) {
      counters.count(Branch.LOG_ENDED);
    }
  }
}
