package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the instances of one emulator live, each in a directory of its own. The JVM that runs the
 * emulator holds a lock in it; so the next emulator knows the remains of a JVM that was killed, and
 * ends their servers.
 */
final class AuroraDirectory implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AuroraDirectory.class);
  private static final String OWNER = "owner";

  /** Those of this JVM: to look at their lock would end it, for locks belong to processes. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path root;
  private final FileChannel owner;

  private AuroraDirectory(Path root, FileChannel owner) {
    this.root = root;
    this.owner = owner;
  }

  static AuroraDirectory create(Path cache) throws IOException {
    Path runs = PrivateDirectory.ensure(cache.resolve("aurora-runs"));
    AuroraDirectory[] created = new AuroraDirectory[1];
    FileGuard.holding(
        runs.resolve("lock"),
        () -> {
          sweep(runs);
          Path root = Files.createTempDirectory(runs, "run-").toRealPath();
          FileChannel channel = open(root);
          channel.lock();
          OWN.add(root);
          created[0] = new AuroraDirectory(root, channel);
        });
    return created[0];
  }

  private static FileChannel open(Path run) throws IOException {
    return FileChannel.open(
        run.resolve(OWNER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static void sweep(Path runs) throws IOException {
    for (Path run : directories(runs)) {
      if (!OWN.contains(run.toRealPath()) && isOrphaned(run)) {
        log.info("ending what a killed JVM left in {}", run);
        remove(run);
      }
    }
  }

  private static boolean isOrphaned(Path run) throws IOException {
    try (FileChannel channel = open(run);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    }
  }

  private static List<Path> directories(Path parent) throws IOException {
    try (Stream<Path> paths = Files.list(parent)) {
      return paths.filter(Files::isDirectory).toList();
    }
  }

  private static void remove(Path run) throws IOException {
    for (Path instance : directories(run)) {
      EmbeddedPostgres.remove(new ServerDirectory(instance.toRealPath(), true));
    }
    PrivateDirectory.delete(run);
  }

  Path instance(String id) {
    return root.resolve(id);
  }

  /** Kills what runs here and deletes all. */
  @Override
  public void close() {
    try (owner) {
      remove(root);
      OWN.remove(root);
    } catch (IOException e) {
      throw new TestkitException("cannot delete " + root + ": " + e, e);
    }
  }
}
