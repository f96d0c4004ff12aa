package io.rananeeti.store;

import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * Makes the store behind a {@code jdbc:rananeeti:} URL. Found by {@link java.util.ServiceLoader}.
 * Thread-safe.
 */
public interface StoreProvider {

  /** Whether this is the provider for a URL, given without the {@code rananeeti:} in it. */
  boolean accepts(String url);

  /** The settings that it has besides the driver's properties. */
  Set<Setting> settings();

  /**
   * A store, not yet connected to anything.
   *
   * @param name by which the platform knows it
   * @param url without the {@code rananeeti:} in it, and without any setting of the platform
   * @param properties the driver's, as given to {@link java.sql.Driver#connect}; what the URL says
   *     comes first
   * @param settings values of {@link #settings} by name, of the type that each says; those not
   *     given are missing
   * @throws IllegalArgumentException if a value can't be, with a message that says what can and
   *     shows no secret
   */
  Store create(String name, String url, Properties properties, Map<String, Object> settings);

  /**
   * A setting, as users write it.
   *
   * @param name in lower case with {@code -}, without {@code rananeeti.} in front
   * @param type of its value: {@code String}, {@code Boolean}, {@code Integer}, {@code Long} (a
   *     number of bytes, as in {@code 16GiB}), {@link java.time.Duration}, {@link
   *     java.nio.file.Path}, or an enum
   * @param description what it means, with default and range, in one line
   */
  record Setting(String name, Class<?> type, String description) {}
}
