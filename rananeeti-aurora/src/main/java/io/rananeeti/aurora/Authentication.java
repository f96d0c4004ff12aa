package io.rananeeti.aurora;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** By what a store proves to the database who it is. */
public enum Authentication {

  /** A user and a password, of the builder, the URL or {@code ~/.pgpass}. */
  PASSWORD(null, ""),

  /**
   * A token of AWS Identity and Access Management, made for each connection with the credentials
   * that the AWS SDK finds. Needs {@code software.amazon.awssdk:rds}, or {@code auth}, {@code
   * regions} and {@code http-client-spi} of it.
   */
  IAM("iam", "software.amazon.awssdk:rds"),

  /**
   * User and password of a secret in AWS Secrets Manager, read again when they were changed. Needs
   * {@code software.amazon.awssdk:secretsmanager} and {@code
   * com.fasterxml.jackson.core:jackson-databind}.
   */
  SECRETS_MANAGER(
      "awsSecretsManager",
      "software.amazon.awssdk:secretsmanager and com.fasterxml.jackson.core:jackson-databind");

  private final @Nullable String plugin;
  private final String artifacts;

  Authentication(@Nullable String plugin, String artifacts) {
    this.plugin = plugin;
    this.artifacts = artifacts;
  }

  /** The plugin of the AWS wrapper that does it, null where none is needed. */
  @Nullable String plugin() {
    return plugin;
  }

  private List<String> classes() {
    return switch (this) {
      case PASSWORD -> List.of();
      case IAM ->
          List.of(
              "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
              "software.amazon.awssdk.regions.Region",
              "software.amazon.awssdk.http.SdkHttpFullRequest",
              "software.amazon.awssdk.auth.signer.params.Aws4PresignerParams");
      case SECRETS_MANAGER ->
          List.of(
              "software.amazon.awssdk.services.secretsmanager.SecretsManagerClient",
              "com.fasterxml.jackson.databind.ObjectMapper");
    };
  }

  /**
   * Checks that what it needs is on the class path.
   *
   * @throws IllegalStateException naming the artifact to add
   */
  void check(ClassLoader loader) {
    for (String name : classes()) {
      try {
        Class.forName(name, false, loader);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "authentication=%s needs %s on the class path: add it to your dependencies"
                .formatted(this, artifacts),
            e);
      }
    }
  }
}
