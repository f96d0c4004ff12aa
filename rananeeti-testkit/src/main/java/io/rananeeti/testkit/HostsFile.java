package io.rananeeti.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The file in which this JVM looks up every host name, because its command line says so.
 *
 * <p>The JVM reads it at each look-up, so that writing it anew is a change of DNS, seen within the
 * second for which answers are cached. It is the only source of names then: it begins with {@code
 * localhost} and what {@code /etc/hosts} says. Several emulators of one JVM share it. Thread-safe.
 */
final class HostsFile {

  private static final String PROPERTY = "jdk.net.hosts.file";
  private static final String TTL = "sun.net.inetaddr.ttl";
  private static final String NEGATIVE_TTL = "sun.net.inetaddr.negative.ttl";

  static final String COMMAND_LINE =
      "AuroraEmulator needs -D%s=<a file for this JVM alone> -D%s=1 -D%s=0 on the JVM's command line (such as the argLine of Surefire and Failsafe), because it is by this file that the JVM finds the names of its instances."
          .formatted(PROPERTY, TTL, NEGATIVE_TTL);

  private static final Path SYSTEM = Path.of("/etc/hosts");
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<Object, List<String>> LINES = new LinkedHashMap<>();

  private HostsFile() {}

  /**
   * Checks the command line.
   *
   * @throws TestkitException if it lacks the properties; they are read once, before any code of
   *     ours runs, so setting them later is too late
   */
  static void require() {
    if (System.getProperty(PROPERTY, "").isBlank()
        || !List.of("0", "1").contains(System.getProperty(TTL, ""))
        || !System.getProperty(NEGATIVE_TTL, "").equals("0")) {
      throw new TestkitException(COMMAND_LINE);
    }
  }

  /** Replaces the lines of that owner, each an address and a name that nobody else has. */
  static void publish(Object owner, List<String> lines) {
    LOCK.lock();
    try {
      lines.forEach(line -> requireOwn(owner, name(line)));
      LINES.put(owner, List.copyOf(lines));
      write();
    } finally {
      LOCK.unlock();
    }
  }

  private static void requireOwn(Object owner, String name) {
    LINES.forEach(
        (other, lines) -> {
          if (other != owner && lines.stream().anyMatch(line -> name(line).equals(name))) {
            throw new TestkitException(
                "another emulator of this JVM has "
                    + name
                    + ": close it, or call one by name(...)");
          }
        });
  }

  private static String name(String line) {
    return line.substring(line.indexOf(' ') + 1);
  }

  static void withdraw(Object owner) {
    LOCK.lock();
    try {
      if (LINES.remove(owner) != null) {
        write();
      }
    } finally {
      LOCK.unlock();
    }
  }

  private static void write() {
    Path file = Path.of(System.getProperty(PROPERTY)).toAbsolutePath();
    List<String> all = new ArrayList<>(List.of("127.0.0.1 localhost"));
    try {
      if (Files.isReadable(SYSTEM)) {
        all.addAll(Files.readAllLines(SYSTEM, StandardCharsets.UTF_8));
      }
      LINES.values().forEach(all::addAll);
      Files.createDirectories(file.getParent());
      Path draft = Files.createTempFile(file.getParent(), "hosts-", ".new");
      Files.write(draft, all);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new TestkitException("cannot write " + file + ", named by -D" + PROPERTY + ": " + e, e);
    }
  }
}
