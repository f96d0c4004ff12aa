package io.rananeeti.testkit;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server in a child JVM, which ends with this one however this one ends. */
final class LocalServer implements ServerProcess {

  private static final Logger log = LoggerFactory.getLogger(LocalServer.class);
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
  private static final int PROBE_MILLIS = 1_000;
  private static final int PORT_ATTEMPTS = 5;
  private static final int LOG_BYTES_IN_ERRORS = 2_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Program program;
  private final Path root;
  private final boolean temporary;

  private volatile int port;
  private volatile @Nullable Process process;
  private boolean closed;

  private LocalServer(Program program, Path root, boolean temporary, int port) {
    this.program = program;
    this.root = root;
    this.temporary = temporary;
    this.port = port;
  }

  /**
   * Starts it.
   *
   * @param chosen its directory; null for a temporary one
   * @param port 0 for a free one
   */
  static LocalServer open(Program program, @Nullable Path chosen, int port) {
    try {
      Path root =
          chosen == null
              ? Files.createTempDirectory("rananeeti-" + program.prefix() + "-").toRealPath()
              : PrivateDirectory.ensure(chosen).toRealPath();
      LocalServer server = new LocalServer(program, root, chosen == null, port);
      server.open();
      return server;
    } catch (IOException e) {
      throw new TestkitException(
          "cannot prepare a directory for %s: %s".formatted(program.name(), e), e);
    }
  }

  /** What runs in the child. */
  interface Program {

    /** Its name, for people. */
    String name();

    /** A short name without spaces. */
    String prefix();

    /** The system property that names the directory with its jars. */
    String property();

    /** How the name of its own jar begins. */
    String jar();

    /** How to get the jars. */
    String howToGet();

    /** Options of the JVM. */
    List<String> options();

    /** The main class and its arguments. */
    List<String> main(int port);

    /** Writes what it wants to find in its directory; called before each start. */
    void prepare(Path root, int port) throws IOException;
  }

  private void open() {
    CloseAtExit.add(this);
    boolean chosen = port != 0;
    try {
      for (int attempt = 1; ; attempt++) {
        port = chosen ? port : LoopbackPort.free();
        if (launched(chosen || attempt == PORT_ATTEMPTS)) {
          return;
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** False if somebody has taken the port meanwhile, and another one may be tried. */
  private boolean launched(boolean last) {
    try {
      launch();
      return true;
    } catch (TestkitException e) {
      if (last || LoopbackPort.isFree(port)) {
        throw e;
      }
      return false;
    }
  }

  private void launch() {
    Process started = spawn();
    process = started;
    boolean answers =
        Await.until(
            () -> ServerProcess.answers(endpoint(), PROBE_MILLIS) || !started.isAlive(),
            START_LIMIT);
    if (!answers || !started.isAlive()) {
      started.destroyForcibly();
      throw new TestkitException(
          "%s did not start on port %d in %s; its log ends with:%n%s"
              .formatted(program.name(), port, root, logEnd()));
    }
    log.info("{} of {} runs on port {}", program.name(), root, port);
  }

  private Process spawn() {
    try {
      Files.createDirectories(root.resolve("data"));
      Files.createDirectories(root.resolve("tmp"));
      program.prepare(root, port);
      return Command.builder(command())
          .directory(root.toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
          .start();
    } catch (IOException e) {
      throw new TestkitException("cannot run %s: %s".formatted(program.name(), e.getMessage()), e);
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=tmp"));
    command.addAll(program.options());
    command.addAll(List.of("-cp", classPath()));
    command.addAll(program.main(port));
    return command;
  }

  private String classPath() {
    return ownClasses() + File.pathSeparator + jars().resolve("*");
  }

  private static String ownClasses() {
    try {
      return Path.of(LocalServer.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new TestkitException("cannot tell where the test kit's classes are", e);
    }
  }

  private Path jars() {
    String property = System.getProperty(program.property(), "");
    Path directory = Path.of(property).toAbsolutePath();
    if (property.isEmpty() || !hasServer(directory)) {
      throw new TestkitException(
          "%s is not in %s=%s: %s and name it with -D%s"
              .formatted(
                  program.name(),
                  program.property(),
                  property,
                  program.howToGet(),
                  program.property()));
    }
    return directory;
  }

  private boolean hasServer(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(program.jar()));
    } catch (IOException absent) {
      return false;
    }
  }

  private Path logFile() {
    return root.resolve("server.log");
  }

  private String logEnd() {
    try {
      byte[] bytes = Files.readAllBytes(logFile());
      int from = Math.max(0, bytes.length - LOG_BYTES_IN_ERRORS);
      return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(" + logFile() + " cannot be read: " + e + ")";
    }
  }

  @Override
  public URI endpoint() {
    return URI.create("http://" + LoopbackPort.address().getHostAddress() + ":" + port);
  }

  @Override
  public void start() {
    locked(
        () -> {
          if (closed) {
            throw new TestkitException("this server is closed: open another one");
          }
          if (!isRunning()) {
            launch();
          }
        });
  }

  @Override
  public void stop() {
    locked(
        () -> {
          signal("CONT");
          end(false);
        });
  }

  @Override
  public void kill() {
    locked(() -> end(true));
  }

  private void end(boolean forcibly) {
    Process running = process;
    if (running == null) {
      return;
    }
    if (forcibly) {
      running.destroyForcibly();
    } else {
      running.destroy();
    }
    if (!Await.until(() -> !running.isAlive(), STOP_LIMIT)) {
      throw new TestkitException(
          "%s of %s does not end within %s: see %s"
              .formatted(program.name(), root, STOP_LIMIT, logFile()));
    }
    log.info("{} of {} {}", program.name(), root, forcibly ? "killed" : "stopped");
  }

  @Override
  public void pause() {
    locked(() -> signal("STOP"));
  }

  @Override
  public void resume() {
    locked(() -> signal("CONT"));
  }

  private void signal(String name) {
    Process running = process;
    if (running != null && running.isAlive()) {
      Command.run(List.of("/bin/sh", "-c", "kill -s \"$0\" \"$1\"", name, "" + running.pid()));
    }
  }

  @Override
  public boolean isRunning() {
    Process running = process;
    return running != null && running.isAlive();
  }

  @Override
  public boolean canBeKilled() {
    return true;
  }

  @Override
  public void close() {
    locked(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          end(true);
          if (temporary) {
            remove();
          }
          CloseAtExit.remove(this);
        });
  }

  private void remove() {
    try {
      PrivateDirectory.delete(root);
    } catch (IOException e) {
      throw new TestkitException("cannot delete " + root + ": " + e, e);
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
