package io.rananeeti.aurora;

import io.rananeeti.aurora.AmazonHost.Kind;
import io.rananeeti.aurora.internal.Pulse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.jdbc.Driver;
import software.amazon.jdbc.wrapper.ConnectionWrapper;

/**
 * Connections through the AWS wrapper, which knows the topology of a cluster, tokens and secrets.
 *
 * <p>It opens connections, and that is all: calls go to the driver's connection in it. So none is
 * parked while the wrapper looks for another writer, none goes on upon a connection that it has put
 * in the place of a proven one (R2), and none is ended by its monitors. Thread-safe.
 */
final class WrapperRoute {

  private static final Logger LOG = LoggerFactory.getLogger(WrapperRoute.class);

  /** Refuses a configuration; found when the database tells what it is. */
  static final String MISCONFIGURED = "55R11";

  private static final String PATTERNS = "globalClusterInstanceHostPatterns";

  private final String place;
  private final WrapperProperties properties;
  private final List<String> hostPatterns;
  private final AmazonHost host;
  private volatile boolean regionsChecked;
  private volatile @Nullable ConnectionWrapper last;

  private WrapperRoute(String place, AmazonHost host, Access access) {
    this.place = place;
    this.host = host;
    this.hostPatterns = access.hostPatterns();
    this.properties = new WrapperProperties(host, access);
  }

  /**
   * The way through the wrapper, null where the driver alone goes: to several hosts, and to one
   * that is no endpoint of a cluster and asks for nothing that only the wrapper has.
   *
   * @param asked whether the URL names the wrapper
   * @throws IllegalArgumentException if the endpoint does not lead to a writer, or something that
   *     it needs is missing; the message says what to write
   */
  static @Nullable WrapperRoute to(Properties parsed, boolean asked, Access access) {
    String hosts = Objects.requireNonNull(PGProperty.PG_HOST.getOrDefault(parsed));
    AmazonHost host = AmazonHost.of(hosts);
    boolean several = hosts.contains(",");
    boolean wanted =
        asked
            || access.authentication() != Authentication.PASSWORD
            || access.blueGreen()
            || !access.hostPatterns().isEmpty();
    if (several && wanted) {
      throw new IllegalArgumentException(
          "several hosts are tried by the driver alone, without hostPatterns, blueGreen, IAM and Secrets Manager: name the cluster's endpoint instead");
    }
    refuse(host, access);
    if (several || !(wanted || host.kind() == Kind.CLUSTER || host.kind() == Kind.GLOBAL)) {
      return null;
    }
    String place =
        "jdbc:aws-wrapper:postgresql://%s:%s/%s"
            .formatted(
                hosts,
                PGProperty.PG_PORT.getOrDefault(parsed),
                URLEncoder.encode(
                    Objects.requireNonNullElse(PGProperty.PG_DBNAME.getOrDefault(parsed), ""),
                    StandardCharsets.UTF_8));
    return new WrapperRoute(place, host, access);
  }

  private static void refuse(AmazonHost host, Access access) {
    switch (host.kind()) {
      case READER, CUSTOM ->
          throw new IllegalArgumentException(
              "%s does not lead to the writer: name the cluster's (writer) endpoint, <cluster>.cluster-<id>.<region>.rds.amazonaws.com, or the Global Database's"
                  .formatted(host.name()));
      case GLOBAL -> {
        if (access.hostPatterns().isEmpty()) {
          throw new IllegalArgumentException(
              "%s is a Global Database: %s"
                  .formatted(host.name(), WrapperProperties.patternsToWrite(host)));
        }
      }
      case CLUSTER, SERVER, OTHER -> {}
    }
  }

  /** Opens a connection within the time given. */
  Physical open(Properties given, Duration timeout, Pulse pulse) throws SQLException {
    Properties translated = properties.translate(given, timeout, last != null);
    long end = System.nanoTime() + timeout.toNanos();
    Opening opening = Opening.start(() -> connect(translated, pulse), () -> {});
    Physical opened = null;
    try {
      opened = opening.await(end);
    } finally {
      if (opened == null) {
        opening.abandon();
      }
    }
    if (opened == null) {
      throw new SQLTransientConnectionException(
          "no connection to %s within %s".formatted(place, timeout), "08001");
    }
    return opened;
  }

  private Physical connect(Properties translated, Pulse pulse) throws SQLException {
    Connection outer = null;
    boolean opened = false;
    try {
      outer = new Driver().connect(place, translated);
      if (outer == null) {
        throw new SQLNonTransientConnectionException("could not connect to " + place, "08001");
      }
      PgConnection inner = outer.unwrap(PgConnection.class);
      checkRegions(inner);
      remember(outer);
      opened = true;
      return new Physical(inner, outer, pulse);
    } catch (SQLException | RuntimeException e) {
      throw explained(e);
    } finally {
      if (outer != null && !opened) {
        outer.close();
      }
    }
  }

  /** A region without a pattern leaves the wrapper without any topology, and it says nothing. */
  private void checkRegions(PgConnection connection) throws SQLException {
    if (regionsChecked || host.kind() == Kind.SERVER) {
      return;
    }
    List<String> missing = GlobalRegions.without(hostPatterns, connection);
    if (!missing.isEmpty()) {
      throw new SQLNonTransientConnectionException(
          "the Global Database has instances in %s too: %s"
              .formatted(String.join(", ", missing), WrapperProperties.patternsToWrite(host)),
          MISCONFIGURED);
    }
    regionsChecked = true;
  }

  private SQLException explained(Exception e) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (String.valueOf(each.getMessage()).contains(PATTERNS)) {
        return new SQLNonTransientConnectionException(
            "this is a Global Database: " + WrapperProperties.patternsToWrite(host),
            MISCONFIGURED,
            e);
      }
    }
    return e instanceof SQLException sql
        ? sql
        : new SQLTransientConnectionException(
            "could not connect to %s: %s".formatted(place, e.getMessage()), "08001", e);
  }

  private void remember(Connection outer) {
    if (outer instanceof ConnectionWrapper wrapper) {
      last = wrapper;
    }
  }

  /** Ends the wrapper's own threads and connections for this cluster. */
  void close() {
    ConnectionWrapper wrapper = last;
    if (wrapper == null) {
      return;
    }
    try {
      wrapper
          .getServicesContainer()
          .getHostListProviderService()
          .getHostListProvider()
          .stopMonitor();
    } catch (RuntimeException e) {
      LOG.debug("the monitor of {} was not stopped: {}", place, e.getMessage());
    }
  }
}
