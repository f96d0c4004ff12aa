package io.rananeeti.testkit;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.PlatformConnection;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * A whole platform on an {@link InMemoryDatabase} and a {@link SimulatedDisk}, whose clock is
 * ticked, whose process can die, and which can be opened again on the same disk. Used by one
 * thread, but for {@link #tick()}.
 *
 * <p>Nothing times out while nobody ticks. {@link #ticking} runs something that has to wait for the
 * clock; {@link #await} ticks until a condition holds, and gives up after {@link #STALL} of real
 * time, which only a stall can reach.
 */
public final class ManualPlatform implements AutoCloseable {

  /** The name of its one store. */
  public static final String STORE = "orders";

  /** The longest real time that anything is waited for. */
  public static final Duration STALL = Duration.ofMinutes(4);

  /** For how long the clock stands still while it closes; only who waits for the clock needs it. */
  private static final Duration STILL = Duration.ofSeconds(10);

  private static final Duration TICK = Duration.ofMillis(5);
  private static final Duration OUTAGE_BUDGET = Duration.ofMillis(200);
  private static final Duration PROBE_INTERVAL = Duration.ofMillis(50);

  private final InMemoryDatabase database;
  private final ManualSeams seams;
  private final SimulatedDisk disk;
  private final Path directory;
  private final UnaryOperator<DataPlatform.Builder> settings;
  private final Semaphore news = new Semaphore(0);
  private InMemoryStore store;
  private DataPlatform platform;

  private ManualPlatform(
      InMemoryDatabase database,
      ManualSeams seams,
      SimulatedDisk disk,
      Path directory,
      UnaryOperator<DataPlatform.Builder> settings) {
    this.database = database;
    this.seams = seams;
    this.disk = disk;
    this.directory = directory;
    this.settings = settings;
    this.store = new InMemoryStore(STORE, database);
    this.platform = start();
  }

  /** Opens one with default settings; the directory holds nothing but the log's identity. */
  public static ManualPlatform open(InMemoryDatabase database, ManualSeams seams, Path directory) {
    return open(database, seams, directory, UnaryOperator.identity());
  }

  /** Opens one whose settings are changed before it is opened. */
  public static ManualPlatform open(
      InMemoryDatabase database,
      ManualSeams seams,
      Path directory,
      UnaryOperator<DataPlatform.Builder> settings) {
    return new ManualPlatform(database, seams, new SimulatedDisk(), directory, settings);
  }

  private DataPlatform start() {
    DataPlatform.Builder builder =
        DataPlatform.builder("manual")
            .store(store)
            .log(directory)
            .logStorage(disk)
            .outageBudget(OUTAGE_BUDGET)
            .inDoubtWait(Duration.ofSeconds(2))
            .probeInterval(PROBE_INTERVAL)
            .seams(seams)
            .listener(new Reporter());
    return settings.apply(builder).open();
  }

  /** The platform that is open now. */
  public DataPlatform platform() {
    return platform;
  }

  /** The database. */
  public InMemoryDatabase database() {
    return database;
  }

  /** The adapter of the platform that is open now. */
  public InMemoryStore store() {
    return store;
  }

  /** The log's directory: what is kept beside the log is in it, and outlives everything. */
  public Path directory() {
    return directory;
  }

  /** The disk that the log is on. */
  public SimulatedDisk disk() {
    return disk;
  }

  /** A connection to its one store. */
  public PlatformConnection connect() throws SQLException {
    return platform.getConnection(STORE);
  }

  /** How its one store is. */
  public Health.StoreHealth health() {
    Health.StoreHealth health = platform.health().stores().get(STORE);
    if (health == null) {
      throw new IllegalStateException("the platform has lost its store");
    }
    return health;
  }

  /** The process dies; what it wrote stays on the disk, forced or not. */
  public void kill() {
    store.die();
    disk.kill();
    closePlatform();
  }

  /** The machine dies: what was not forced may be gone in whole or in part. */
  public void crash(RandomGenerator random) {
    store.die();
    disk.crash(random);
    closePlatform();
  }

  /** Opens the platform again on the same disk and database. */
  public void reopen() {
    store = new InMemoryStore(STORE, database);
    platform = start();
  }

  /** Moves the clock a little. */
  public void tick() {
    seams.tick(TICK);
  }

  /** Moves the clock. */
  public void tick(Duration by) {
    seams.tick(by);
  }

  /** Runs this on another thread while the clock ticks, and returns what it returned. */
  public <T> T ticking(Callable<T> work) throws Exception {
    return tickingAfter(Duration.ofMillis(1), work);
  }

  private <T> T tickingAfter(Duration still, Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    seams.start("application", task);
    long deadline = System.nanoTime() + STALL.toNanos();
    Duration patience = still;
    while (System.nanoTime() < deadline) {
      try {
        return task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        patience = Duration.ofMillis(1);
        tick();
      } catch (ExecutionException e) {
        rethrow(e);
      }
    }
    throw stalled("what was run");
  }

  private static void rethrow(ExecutionException failure) throws Exception {
    if (failure.getCause() instanceof Error error) {
      throw error;
    }
    throw failure.getCause() instanceof Exception cause ? cause : failure;
  }

  /** Ticks until this holds. */
  public void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() >= deadline) {
        throw stalled(what);
      }
      if (!news.tryAcquire(1, TimeUnit.MILLISECONDS)) {
        tick();
      }
    }
  }

  /** Ticks until the store is in this state. */
  public void awaitState(Availability wanted) throws InterruptedException {
    await("the store becomes " + wanted, () -> health().availability() == wanted);
  }

  /** Ticks until all that was accepted is applied or a dead letter, and the store is up. */
  public void drain() throws Exception {
    boolean drained = ticking(() -> platform.drain(Duration.ofDays(1)));
    if (!drained) {
      throw new AssertionError("something still waits: " + health());
    }
    awaitState(Availability.UP);
  }

  /** Wakes whoever awaits a condition. */
  private final class Reporter implements PlatformListener {

    @Override
    public void applied(Receipt receipt) {
      news.release();
    }

    @Override
    public void rejected(DeadLetter letter) {
      news.release();
    }

    @Override
    public void availability(String name, Availability from, Availability to) {
      news.release();
    }

    @Override
    public void alarm(String name, String message) {
      news.release();
    }
  }

  private static AssertionError stalled(String what) {
    return new AssertionError(what + " has not ended in " + STALL);
  }

  private void closePlatform() {
    try {
      tickingAfter(
          STILL,
          () -> {
            platform.close();
            return true;
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it closes", e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closePlatform();
  }
}
