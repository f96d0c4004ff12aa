package io.rananeeti.aurora;

import io.rananeeti.testkit.PostgresServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process holds, and what the server holds for it.
 *
 * @param threads of the platform, by name without numbers
 * @param poolThreads of its pool, some of which come and go
 * @param sessions of all clients but the one that asks
 * @param files that are open, sockets among them; 0 where the system does not say
 */
record Footprint(Map<String, Long> threads, long poolThreads, long sessions, long files) {

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final Pattern CLASS = Pattern.compile(" *\\d+: +(\\d+) +(\\d+) +(\\S+).*");

  static Footprint now(PostgresServer server) throws SQLException, IOException {
    Map<String, Long> threads =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("shop") || name.startsWith("rananeeti"))
            .filter(name -> !name.startsWith("rananeeti-proxy"))
            .map(name -> name.replaceAll("\\d+", "N"))
            .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
    Long poolThreads = threads.remove("rananeeti-orders-pool");
    return new Footprint(
        threads, poolThreads == null ? 0 : poolThreads, sessions(server), openFiles());
  }

  private static long sessions(PostgresServer server) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static long openFiles() throws IOException {
    if (!Files.isDirectory(OPEN_FILES)) {
      return 0;
    }
    try (Stream<Path> open = Files.list(OPEN_FILES)) {
      return open.count();
    }
  }

  /** What lives on the heap after a full collection, by class. */
  static Map<String, Living> living() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, Living> living = new TreeMap<>();
    histogram
        .lines()
        .map(CLASS::matcher)
        .filter(Matcher::matches)
        .forEach(
            line ->
                living.merge(
                    line.group(3),
                    new Living(Long.parseLong(line.group(1)), Long.parseLong(line.group(2))),
                    Living::plus));
    return living;
  }

  /** The objects of a class. */
  record Living(long instances, long bytes) {

    static final Living NONE = new Living(0, 0);

    Living plus(Living other) {
      return new Living(instances + other.instances, bytes + other.bytes);
    }

    Living minus(Living other) {
      return new Living(instances - other.instances, bytes - other.bytes);
    }
  }
}
