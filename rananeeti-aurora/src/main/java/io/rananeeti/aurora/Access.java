package io.rananeeti.aurora;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a store gets to its database, beside the URL.
 *
 * @param authentication who it says it is
 * @param secret name or ARN, for {@link Authentication#SECRETS_MANAGER}
 * @param hostPatterns where the instances of a Global Database are, one for each region
 * @param blueGreen whether it watches for a blue/green switch-over
 */
record Access(
    Authentication authentication,
    @Nullable String secret,
    List<String> hostPatterns,
    boolean blueGreen) {

  /** A user and a password, and nothing special. */
  static final Access PLAIN = new Access(Authentication.PASSWORD, null, List.of(), false);

  /**
   * Checks what can be checked without a URL.
   *
   * @throws IllegalArgumentException if something is missing or makes no sense
   * @throws IllegalStateException if an artifact is missing
   */
  void check() {
    authentication.check(Access.class.getClassLoader());
    if ((secret == null) == (authentication == Authentication.SECRETS_MANAGER)) {
      throw new IllegalArgumentException(
          "secret(...) and authentication=SECRETS_MANAGER belong together: set both or none");
    }
  }
}
