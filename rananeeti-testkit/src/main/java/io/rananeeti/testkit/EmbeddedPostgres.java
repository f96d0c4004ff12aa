package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of this machine, from the binaries on the class path.
 *
 * <p>What runs is asked of the operating system each time ({@link ServerProcesses}), never
 * remembered: another JVM may have started it, or killed it. A lock lets one caller at a time
 * change that; the file lock of the directory keeps two JVMs from starting it at once.
 */
final class EmbeddedPostgres implements PostgresProcess {

  static final String USER = "postgres";

  private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(30);
  private static final int PORT_ATTEMPTS = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final ServerDirectory directory;
  private final PostgresBinaries binaries;
  private final ServerProcesses processes;
  private final Map<String, String> settings;
  private final boolean stopOnClose;
  private final String password;

  private volatile int port;
  private volatile boolean adopted;
  private boolean closed;

  private EmbeddedPostgres(
      PostgresServer.Builder builder, PostgresBinaries binaries, ServerDirectory directory)
      throws IOException {
    this.directory = directory;
    this.binaries = binaries;
    this.processes = new ServerProcesses(directory.data());
    this.settings = new LinkedHashMap<>(secureSettings());
    this.settings.putAll(builder.settings());
    this.stopOnClose = builder.stopsOnClose();
    this.password = directory.password();
    this.port = builder.port();
  }

  private static Map<String, String> secureSettings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("listen_addresses", LoopbackPort.address().getHostAddress());
    settings.put("unix_socket_directories", "");
    settings.put("fsync", "on");
    settings.put("synchronous_commit", "on");
    settings.put("full_page_writes", "on");
    settings.put("dynamic_shared_memory_type", "mmap");
    return settings;
  }

  static EmbeddedPostgres open(PostgresServer.Builder builder) {
    PostgresBinaries binaries = PostgresBinaries.in(builder.binaries());
    try {
      Optional<Path> chosen = builder.directory();
      ServerDirectory directory =
          chosen.isPresent() ? ServerDirectory.at(chosen.get()) : ServerDirectory.createTemporary();
      EmbeddedPostgres postgres = new EmbeddedPostgres(builder, binaries, directory);
      postgres.open();
      return postgres;
    } catch (IOException e) {
      throw new TestkitException("cannot prepare a directory for PostgreSQL: " + e, e);
    }
  }

  private void open() throws IOException {
    if (directory.temporary()) {
      CloseAtExit.add(this);
    }
    try {
      FileGuard.holding(directory.lock(), this::adoptOrLaunch);
    } catch (IOException | RuntimeException e) {
      if (directory.temporary()) {
        close();
      }
      throw e;
    }
  }

  private void adoptOrLaunch() throws IOException {
    directory.initialize(binaries);
    adopted = adopt();
    if (!adopted) {
      launchOnSomePort();
    }
  }

  /**
   * Takes over a server that still runs on the directory, paused or not; one that is stopping is
   * waited for.
   */
  private boolean adopt() {
    if (processes.postmaster().isEmpty()) {
      return false;
    }
    processes.resume();
    if (!Await.until(() -> isReady() || !isRunning(), START_LIMIT)) {
      throw new TestkitException(
          "the server of "
              + directory.root()
              + " runs, but does not become ready: see "
              + directory.log());
    }
    if (!isRunning()) {
      return false;
    }
    port = PostmasterFile.read(directory.data()).map(PostmasterFile::port).orElse(port);
    log.info("adopted the PostgreSQL server of {} on port {}", directory.root(), port);
    return true;
  }

  private void launchOnSomePort() {
    boolean chosen = port != 0;
    for (int attempt = 1; ; attempt++) {
      port = chosen ? port : LoopbackPort.free();
      try {
        launch();
        return;
      } catch (TestkitException e) {
        if (chosen
            || attempt == PORT_ATTEMPTS
            || !Launcher.portInUse(String.valueOf(e.getMessage()))) {
          throw e;
        }
      }
    }
  }

  private void launch() {
    removeRemainsOfDeadServer();
    long logged = Launcher.logLength(directory);
    Process postmaster = Launcher.launch(binaries, directory, port, settings);
    Await.until(() -> isReady(postmaster) || !postmaster.isAlive(), START_LIMIT);
    if (!isReady(postmaster)) {
      processes.kill(KILL_LIMIT);
      postmaster.destroyForcibly();
      throw new TestkitException(
          Launcher.explain(
              "PostgreSQL did not start on port %d in %s".formatted(port, directory.root()),
              directory.logSince(logged)));
    }
    log.info("PostgreSQL of {} runs on port {}", directory.root(), port);
  }

  /**
   * Ends orphans and removes their postmaster's file. A new postmaster would wait for neither: it
   * gives up while orphans hold the shared memory, and while any process has the old one's id, be
   * it a stranger or not reaped by its parent.
   */
  private void removeRemainsOfDeadServer() {
    processes.kill(KILL_LIMIT);
    try {
      Files.deleteIfExists(PostmasterFile.in(directory.data()));
    } catch (IOException e) {
      throw new TestkitException(
          "cannot remove " + PostmasterFile.in(directory.data()) + ": " + e, e);
    }
  }

  private boolean isReady(Process postmaster) {
    return PostmasterFile.read(directory.data())
        .filter(file -> file.pid() == postmaster.pid() && file.isReady())
        .isPresent();
  }

  private boolean isReady() {
    return PostmasterFile.read(directory.data()).filter(PostmasterFile::isReady).isPresent();
  }

  @Override
  public Endpoint endpoint() {
    return new Endpoint(
        LoopbackPort.address().getHostAddress(), port, "postgres", "", USER, password);
  }

  @Override
  public void start() {
    locked(
        () -> {
          try {
            FileGuard.holding(directory.lock(), this::launchUnlessRunning);
          } catch (IOException e) {
            throw new TestkitException("cannot lock " + directory.lock() + ": " + e, e);
          }
        });
  }

  private void launchUnlessRunning() {
    if (!isRunning()) {
      launch();
      adopted = false;
    }
  }

  @Override
  public void stop() {
    locked(this::shutDown);
  }

  private void shutDown() {
    if (!isRunning()) {
      processes.kill(KILL_LIMIT);
      return;
    }
    processes.resume();
    processes.interrupt();
    if (!Await.until(() -> processes.all().isEmpty(), STOP_LIMIT)) {
      throw new TestkitException(
          "PostgreSQL of %s does not stop within %s: see %s, or use kill()"
              .formatted(directory.root(), STOP_LIMIT, directory.log()));
    }
    log.info("PostgreSQL of {} stopped", directory.root());
  }

  @Override
  public void kill() {
    locked(
        () -> {
          processes.kill(KILL_LIMIT);
          log.info("PostgreSQL of {} killed", directory.root());
        });
  }

  @Override
  public void pause() {
    locked(processes::suspend);
  }

  @Override
  public void resume() {
    locked(processes::resume);
  }

  @Override
  public boolean isRunning() {
    return processes.postmaster().isPresent();
  }

  @Override
  public boolean canBeKilled() {
    return true;
  }

  @Override
  public boolean adopted() {
    return adopted;
  }

  @Override
  public void close() {
    locked(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          if (directory.temporary()) {
            remove();
          } else if (stopOnClose) {
            shutDown();
          }
        });
  }

  private void remove() {
    remove(directory);
    CloseAtExit.remove(this);
  }

  /** Kills rather than stops: nobody will read this data again. */
  static void remove(ServerDirectory directory) {
    new ServerProcesses(directory.data()).kill(KILL_LIMIT);
    PostmasterFile.read(directory.data())
        .flatMap(PostmasterFile::sharedMemory)
        .filter(id -> Command.exists("ipcrm"))
        .ifPresent(id -> Command.run(List.of("ipcrm", "-m", id)));
    try {
      PrivateDirectory.delete(directory.root());
    } catch (IOException e) {
      throw new TestkitException("cannot delete " + directory.root() + ": " + e, e);
    }
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }
}
