package io.rananeeti.examples.cafe;

import io.rananeeti.SharedDurability;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What can be said about a log that is shared with other nodes; in the help behind the command's
 * own options. Used by the command only.
 */
final class SharedLogOptions {

  private static final int LONGEST_LEASE = 300;

  @Option(
      names = "--shared-log",
      order = 1,
      arity = "0..1",
      paramLabel = "<table>",
      defaultValue = "",
      fallbackValue = "rananeeti_log",
      description =
          "Runs as one of several nodes that share their logs in this table of DynamoDB,"
              + " made if it is not there: rananeeti_log if none is named."
              + " All nodes name the same --database-url, and each has a --data of its own.")
  private String table = "";

  @Option(
      names = "--dynamodb-endpoint",
      order = 2,
      paramLabel = "<url>",
      defaultValue = "",
      description = "Where DynamoDB is, if not at AWS: http://127.0.0.1:8000.")
  private String endpoint = "";

  @Option(
      names = "--region",
      order = 3,
      paramLabel = "<region>",
      defaultValue = "",
      description = "The region of the table. Default: as any AWS client finds it.")
  private String region = "";

  @Option(
      names = "--node-lease",
      order = 4,
      paramLabel = "<seconds>",
      defaultValue = "5",
      description =
          "How long a node may be silent before others apply what it has left;"
              + " the same for all. Default: 5.")
  private int lease = 5;

  @Option(
      names = "--shared-durability",
      order = 5,
      paramLabel = "<where>",
      defaultValue = "BOTH_IF_REACHED",
      description =
          "Where an accepted order has to be before it is answered:"
              + " ${COMPLETION-CANDIDATES}. Default: BOTH_IF_REACHED.")
  private SharedDurability durability = SharedDurability.BOTH_IF_REACHED;

  /** Whether the log is to be shared. */
  boolean isWanted() {
    return !table.isBlank();
  }

  /** What is wrong with the options, null if nothing is. */
  @Nullable String complaint(boolean hasOwnDatabase) {
    if (!isWanted()) {
      return endpoint.isBlank() && region.isBlank()
          ? null
          : "--dynamodb-endpoint and --region go with --shared-log";
    }
    if (!table.matches("[A-Za-z0-9_.-]{3,255}")) {
      return "--shared-log names a table of DynamoDB: 3 to 255 letters, digits, _, - and .";
    }
    if (lease < 1 || lease > LONGEST_LEASE) {
      return "--node-lease is 1 to %d seconds: %d".formatted(LONGEST_LEASE, lease);
    }
    if (!endpoint.isBlank() && address().isEmpty()) {
      return "--dynamodb-endpoint is http://host:port or https://host: " + endpoint;
    }
    return hasOwnDatabase
        ? null
        : "--shared-log needs --database-url: nodes that share a log share a database, and the"
            + " embedded one is this cafe's alone";
  }

  private Optional<URI> address() {
    try {
      URI uri = new URI(endpoint);
      boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return isWeb && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** The settings, null if the log is not to be shared. Asked for if there is no complaint. */
  @Nullable SharedLogSettings settings() {
    return isWanted()
        ? new SharedLogSettings(
            table,
            address().orElse(null),
            region.isBlank() ? null : region,
            Duration.ofSeconds(lease),
            durability)
        : null;
  }
}
