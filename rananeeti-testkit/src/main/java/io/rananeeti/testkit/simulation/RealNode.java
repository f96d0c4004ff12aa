package io.rananeeti.testkit.simulation;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.LogStorageType;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One platform after the other on one log of plain files. */
final class RealNode implements PlatformListener {

  private final RealRun run;
  private final String name;
  private final Path directory;
  private final Supplier<Store> stores;
  private final BranchListener branches;
  private final Operator operator;
  private final int width;
  private final Duration outageBudget;
  private final Duration probeInterval;
  private volatile @Nullable DataPlatform platform;

  RealNode(RealRun run, String name, Path directory, Supplier<Store> stores, SeededRandom random) {
    this.run = run;
    this.name = name;
    this.directory = directory;
    this.stores = stores;
    this.branches = new BranchListener(run.counters());
    this.operator = new Operator(new SeededRandom(random.nextLong()), run::trace);
    this.width = 1 + random.nextInt(3);
    this.outageBudget = Duration.ofMillis(200 + random.nextInt(200));
    this.probeInterval = Duration.ofMillis(100 + random.nextInt(200));
  }

  String name() {
    return name;
  }

  Operator operator() {
    return operator;
  }

  /** The platform that is open; null while there is none. */
  @Nullable DataPlatform platform() {
    return platform;
  }

  /** Opens a platform. */
  void open(boolean down) {
    if (down) {
      run.counters().count(Branch.STARTED_WHILE_DOWN);
    }
    DataPlatform opened =
        DataPlatform.builder(name)
            .store(
                new WatchedStore(
                    stores.get(), run.counters(), () -> {}, call -> {}, host -> {}, (writer, raised) -> {}))
            .log(directory)
            .logStorage(LogStorageType.FILE)
            .outageBudget(outageBudget)
            .inDoubtWait(Duration.ofMillis(400))
            .probeInterval(probeInterval)
            .drainWidth(width)
            .listener(this)
            .open();
    branches.opened(opened, Node.STORE);
    platform = opened;
  }

  /** Closes it, whoever uses it. */
  void close() {
    DataPlatform now = platform;
    platform = null;
    if (now != null) {
      now.close();
    }
  }

  /** A person looks at the dead letters. Called by one thread. */
  void attend(int retryOneIn) {
    DataPlatform now = platform;
    if (now != null) {
      operator.attend(now, retryOneIn);
    }
  }

  Health.@Nullable StoreHealth health() {
    DataPlatform now = platform;
    return now == null ? null : now.health().stores().get(Node.STORE);
  }

  @Override
  public void applied(Receipt receipt) {
    branches.applied(receipt);
  }

  @Override
  public void rejected(DeadLetter letter) {
    branches.rejected(letter);
    run.judge(letter);
  }

  @Override
  public void availability(String which, Availability from, Availability to) {
    run.trace(name + " " + from + " ->", to);
    branches.availability(which, from, to);
  }

  @Override
  public void alarm(String which, String message) {
    run.trace(name + " alarm:", message);
    branches.alarm(which, message);
  }

  @Override
  public String toString() {
    return name + " " + health();
  }
}
