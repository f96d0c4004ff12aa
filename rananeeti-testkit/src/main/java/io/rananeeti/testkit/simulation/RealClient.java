package io.rananeeti.testkit.simulation;

import io.rananeeti.DataPlatform;
import io.rananeeti.Receipt;
import java.time.Duration;

/** Does one transaction after the other, on whatever platform its node has. */
final class RealClient {

  private static final int LONGEST_THOUGHT = 60;

  private final RealRun run;
  private final RealNode node;
  private final int index;
  private final int transactions;
  private final SeededRandom random;

  RealClient(RealRun run, RealNode node, int index, int transactions, SeededRandom random) {
    this.run = run;
    this.node = node;
    this.index = index;
    this.transactions = transactions;
    this.random = new SeededRandom(random.nextLong());
  }

  /** The thread. */
  void run() {
    for (int next = 0; next < transactions; next++) {
      if (!run.await(() -> node.platform() != null)) {
        return;
      }
      DataPlatform platform = node.platform();
      if (platform != null) {
        String name = "%s-%d-%02d".formatted(node.name(), index, next);
        transaction(platform, run.draw(random, name, "own-" + index));
      }
    }
  }

  private void think() {
    if (run.habits().contains(Habit.THINKING) || random.oneIn(6)) {
      run.pause(Duration.ofMillis(random.nextInt(LONGEST_THOUGHT)));
    }
  }

  /** One transaction; what the client was told of it. */
  Told transaction(DataPlatform platform, Work work) {
    History history = run.history();
    Caller caller =
        new Caller(Node.STORE, work, history, run.complaints(), run.habits(), this::think);
    long begun = history.tick();
    caller.call(platform);
    Receipt.Status status = caller.status();
    Told told =
        new Told(
            work,
            node.name(),
            index,
            begun,
            Math.max(begun, caller.committing()),
            history.tick(),
            status,
            caller.error(),
            caller.id(),
            caller.read());
    run.told(told, caller.early());
    return told;
  }
}
