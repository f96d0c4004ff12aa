package io.rananeeti.testkit;

import java.net.URI;
import java.util.Map;
import java.util.Set;

/** Somebody else's DynamoDB, named by the environment: used, never ended. */
final class ExternalDynamo implements DynamoProcess {

  static final String VARIABLE = "RANANEETI_TEST_DYNAMODB_ENDPOINT";

  private static final int PROBE_MILLIS = 5_000;

  private final URI endpoint;

  private ExternalDynamo(URI endpoint) {
    this.endpoint = endpoint;
  }

  static boolean isNamedBy(Map<String, String> environment) {
    return !environment.getOrDefault(VARIABLE, "").isBlank();
  }

  static ExternalDynamo from(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, "").strip();
    try {
      URI endpoint = URI.create(text);
      if (Set.of("http", "https").contains(String.valueOf(endpoint.getScheme()))
          && endpoint.getHost() != null) {
        return new ExternalDynamo(endpoint);
      }
    } catch (IllegalArgumentException noAddress) {
      throw unusable(text);
    }
    throw unusable(text);
  }

  private static TestkitException unusable(String text) {
    return new TestkitException(
        "%s=%s is no address of a DynamoDB: use http://host:port or https://host"
            .formatted(VARIABLE, text));
  }

  @Override
  public URI endpoint() {
    return endpoint;
  }

  @Override
  public void start() {
    if (!isRunning()) {
      throw new TestkitException(
          "nothing answers at %s=%s: start it, or unset the variable"
              .formatted(VARIABLE, endpoint));
    }
  }

  @Override
  public void stop() {
    throw untouchable("stopped");
  }

  @Override
  public void kill() {
    throw untouchable("killed");
  }

  @Override
  public void pause() {
    throw untouchable("paused");
  }

  @Override
  public void resume() {
    throw untouchable("resumed");
  }

  private static UnsupportedOperationException untouchable(String verb) {
    return new UnsupportedOperationException(
        "the DynamoDB of %s cannot be %s from here: ask canBeKilled() first, or unset the variable for a local one"
            .formatted(VARIABLE, verb));
  }

  @Override
  public boolean isRunning() {
    return DynamoProcess.answers(endpoint, PROBE_MILLIS);
  }

  @Override
  public boolean canBeKilled() {
    return false;
  }

  @Override
  public void close() {
    // Nothing was opened here, and it is not ours to end.
  }
}
