package io.rananeeti.aurora;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * The driver's properties and ours, as the AWS wrapper wants them. What the application set stands,
 * but for the limits that are the platform's.
 *
 * <p>The wrapper counts time in milliseconds and the driver in seconds: the driver's 2 would be
 * none at all there.
 */
final class WrapperProperties {

  /** The wrapper's own connections, with which it looks at the topology, may take this long. */
  private static final long MONITORING_CONNECT_MILLIS = 1_000;

  private static final long MONITORING_READ_MILLIS = 2_000;

  /** The wrapper retries without a pause; the platform retries with one. */
  private static final String RETRY_MILLIS = "100";

  /** How often it looks while all is well. */
  private static final long TOPOLOGY_MILLIS = 5_000;

  private static final List<String> MONITORS =
      List.of("topology-monitoring-", "blue-green-monitoring-");

  private final AmazonHost host;
  private final Access access;
  private final String clusterId = "rananeeti-" + UUID.randomUUID();

  WrapperProperties(AmazonHost host, Access access) {
    this.host = host;
    this.access = access;
  }

  /**
   * The properties of one attempt to connect, which ends in the time given.
   *
   * @param known whether the wrapper has seen the database; before that, it would try the endpoint
   *     on and on without a pause instead of looking for another writer
   */
  Properties translate(Properties given, Duration timeout, boolean known) {
    Properties properties = new Properties();
    properties.putAll(given);
    Stream.of(
            PGProperty.PG_HOST, PGProperty.PG_PORT, PGProperty.PG_DBNAME, PGProperty.LOGIN_TIMEOUT)
        .forEach(each -> properties.remove(each.getName()));
    properties.putIfAbsent("wrapperPlugins", String.join(",", plugins()));
    properties.putIfAbsent("clusterId", clusterId);
    limit(properties, timeout);
    findTheWriter(properties, known);
    monitor(properties);
    authenticate(properties);
    return properties;
  }

  private List<String> plugins() {
    List<String> plugins = new ArrayList<>();
    if (access.blueGreen()) {
      plugins.add("bg");
    }
    if (followsTheWriter()) {
      plugins.add("initialConnection");
      plugins.add("gdbFailover");
    }
    if (access.authentication().plugin() != null) {
      plugins.add(access.authentication().plugin());
    }
    return plugins;
  }

  private boolean followsTheWriter() {
    return host.kind() == AmazonHost.Kind.CLUSTER
        || host.kind() == AmazonHost.Kind.GLOBAL
        || !access.hostPatterns().isEmpty();
  }

  private static void limit(Properties properties, Duration timeout) {
    String limit = Long.toString(Math.max(1_000, timeout.toMillis()));
    properties.setProperty("connectTimeout", millis(properties, PGProperty.CONNECT_TIMEOUT));
    properties.setProperty("socketTimeout", properties.getProperty("connectTimeout"));
    properties.setProperty("failoverTimeoutMs", limit);
    properties.setProperty("bgConnectTimeoutMs", limit);
    properties.setProperty("openConnectionRetryTimeoutMs", RETRY_MILLIS);
    properties.setProperty("openConnectionRetryIntervalMs", RETRY_MILLIS);
  }

  private static String millis(Properties properties, PGProperty seconds) {
    return Objects.requireNonNull(seconds.getOrDefault(properties)) + "000";
  }

  private void findTheWriter(Properties properties, boolean known) {
    properties.setProperty("enableConnectFailover", Boolean.toString(known && followsTheWriter()));
    properties.setProperty("activeHomeFailoverMode", "strict-writer");
    properties.setProperty("inactiveHomeFailoverMode", "strict-writer");
    properties.putIfAbsent("failoverHomeRegion", homeRegion());
    if (!access.hostPatterns().isEmpty()) {
      String patterns = String.join(",", access.hostPatterns());
      properties.setProperty("globalClusterInstanceHostPatterns", patterns);
      if (host.kind() == AmazonHost.Kind.OTHER) {
        properties.putIfAbsent("clusterInstanceHostPattern", instancePattern());
      }
    }
  }

  /** The wrapper wants one where it follows the writer, wherever that is. */
  private String homeRegion() {
    String region = host.region();
    if (region == null && !access.hostPatterns().isEmpty()) {
      region = HostPattern.regionOf(access.hostPatterns().get(0));
    }
    return region == null ? "none" : region;
  }

  private String instancePattern() {
    return access.hostPatterns().get(0).replaceFirst("^\\[.*\\]", "");
  }

  private void monitor(Properties properties) {
    properties.putIfAbsent("clusterTopologyRefreshRateMs", Long.toString(TOPOLOGY_MILLIS));
    if (access.blueGreen()) {
      properties.putIfAbsent("bgdId", properties.getProperty("clusterId"));
    }
    for (String monitor : MONITORS) {
      properties.putIfAbsent(monitor + "connectTimeout", Long.toString(MONITORING_CONNECT_MILLIS));
      properties.putIfAbsent(monitor + "socketTimeout", Long.toString(MONITORING_READ_MILLIS));
    }
  }

  private void authenticate(Properties properties) {
    if (access.secret() != null) {
      properties.setProperty("secretsManagerSecretId", access.secret());
      String region = host.region();
      if (region != null && !access.secret().startsWith("arn:")) {
        properties.putIfAbsent("secretsManagerRegion", region);
      }
    }
  }

  /** What to write where patterns are missing. */
  static String patternsToWrite(AmazonHost host) {
    String own =
        host.kind() == AmazonHost.Kind.CLUSTER
            ? host.instancePattern()
            : "?.<id>.<region>.rds.amazonaws.com";
    return ("set hostPatterns(\"%s\", ...), or rananeeti.host-patterns=%s,..., with one pattern for each region:"
            + " the endpoint of any instance there, with ? in the place of its name")
        .formatted(own, own);
  }
}
