package io.rananeeti.examples.cafe;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What can be said about receipts. Used by the command only. */
final class ReceiptsOptions {

  @Option(
      names = "--receipts",
      order = 6,
      arity = "0..1",
      paramLabel = "<bucket>",
      defaultValue = "",
      fallbackValue = "cafe-receipts",
      description =
          "Writes a receipt of each order to this bucket of S3, in one unit of work with the"
              + " order: cafe-receipts if none is named.")
  private String bucket = "";

  @Option(
      names = "--s3-endpoint",
      order = 7,
      paramLabel = "<url>",
      defaultValue = "",
      description =
          "Where S3 is: https://s3.eu-west-1.amazonaws.com, http://127.0.0.1:9000."
              + " Default: an embedded one, whose objects are files under --data.")
  private String endpoint = "";

  @Option(
      names = "--s3-region",
      order = 8,
      paramLabel = "<region>",
      defaultValue = "",
      description = "The region of the bucket. Default: as any AWS client finds it.")
  private String region = "";

  /** What is wrong with the options, null if nothing is. */
  @Nullable String complaint() {
    if (bucket.isBlank()) {
      return endpoint.isBlank() && region.isBlank()
          ? null
          : "--s3-endpoint and --s3-region go with --receipts";
    }
    if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
      return "--receipts names a bucket of S3: 3 to 63 small letters, digits, - and .";
    }
    return endpoint.isBlank() || address().isPresent()
        ? null
        : "--s3-endpoint is http://host:port or https://host: " + endpoint;
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

  /** The settings, null if there are to be no receipts. Asked for if there is no complaint. */
  @Nullable ReceiptsSettings settings() {
    return bucket.isBlank()
        ? null
        : new ReceiptsSettings(bucket, address().orElse(null), region.isBlank() ? null : region);
  }
}
