package io.rananeeti.testkit;

import java.net.URI;
import java.util.Map;
import java.util.Set;

/** Somebody else's server, named by the environment: used, never ended. */
final class ExternalServer implements ServerProcess {

  private static final int PROBE_MILLIS = 5_000;

  private final String variable;
  private final URI endpoint;

  private ExternalServer(String variable, URI endpoint) {
    this.variable = variable;
    this.endpoint = endpoint;
  }

  static boolean isNamedBy(String variable, Map<String, String> environment) {
    return !environment.getOrDefault(variable, "").isBlank();
  }

  static ExternalServer from(String variable, Map<String, String> environment) {
    String text = environment.getOrDefault(variable, "").strip();
    try {
      URI endpoint = URI.create(text);
      if (Set.of("http", "https").contains(String.valueOf(endpoint.getScheme()))
          && endpoint.getHost() != null) {
        return new ExternalServer(variable, endpoint);
      }
    } catch (IllegalArgumentException noAddress) {
      throw unusable(variable, text);
    }
    throw unusable(variable, text);
  }

  private static TestkitException unusable(String variable, String text) {
    return new TestkitException(
        "%s=%s is no address of a server: use http://host:port or https://host"
            .formatted(variable, text));
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
              .formatted(variable, endpoint));
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

  private UnsupportedOperationException untouchable(String verb) {
    return new UnsupportedOperationException(
        "the server of %s cannot be %s from here: ask canBeKilled() first, or unset the variable for a local one"
            .formatted(variable, verb));
  }

  @Override
  public boolean isRunning() {
    return ServerProcess.answers(endpoint, PROBE_MILLIS);
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
