package io.rananeeti.internal.driver;

import io.rananeeti.store.StoreProvider.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is set around a URL: in the file {@value #FILE}, in the environment, and by system
 * properties; the later ones come first.
 *
 * <p>In the file all must be ours, and what is unknown is an error. The environment and the system
 * properties belong to everybody: there only what was probably meant for us is one.
 */
final class Surroundings {

  /** In the working directory, or else at the root of the class path. */
  static final String FILE = "rananeeti.properties";

  private static final Logger LOG = LoggerFactory.getLogger(Surroundings.class);

  private final Properties file;
  private final Map<String, String> environment;
  private final Properties system;

  Surroundings(Properties file, Map<String, String> environment, Properties system) {
    this.file = file;
    this.environment = environment;
    this.system = system;
  }

  /** Those of this process. */
  static Surroundings ofProcess() throws IOException {
    return new Surroundings(
        readFile(Path.of(FILE), Thread.currentThread().getContextClassLoader()),
        System.getenv(),
        System.getProperties());
  }

  /** What the file says; empty if there is none. */
  static Properties readFile(Path path, @Nullable ClassLoader loader) throws IOException {
    Properties properties = new Properties();
    if (Files.exists(path)) {
      try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
        properties.load(reader);
      }
      LOG.info("settings from {}", path.toAbsolutePath());
      return properties;
    }
    try (InputStream stream = loader == null ? null : loader.getResourceAsStream(FILE)) {
      if (stream != null) {
        properties.load(stream);
        LOG.info("settings from {} on the class path", FILE);
      }
    }
    return properties;
  }

  /**
   * The values that are set, by the names of their settings.
   *
   * @throws IllegalArgumentException if one is unknown, or no value of its setting
   */
  Map<String, Object> read(SettingNames names) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String key : file.stringPropertyNames()) {
      if (!key.startsWith(SettingNames.PREFIX)) {
        throw new IllegalArgumentException(
            "%s holds %s, but only settings that begin with rananeeti.: properties of the driver stand in the URL"
                .formatted(FILE, key));
      }
      Setting setting = names.get(key, FILE);
      values.put(setting.name(), SettingValue.of(setting, file.getProperty(key)));
    }
    refuseMisspelled(names, environment.keySet(), "RANANEETI_", "the environment");
    refuseMisspelled(
        names, system.stringPropertyNames(), SettingNames.PREFIX, "the system properties");
    for (Setting setting : names.all()) {
      put(values, setting, environment.get(SettingNames.variable(setting.name())));
      put(values, setting, system.getProperty(SettingNames.PREFIX + setting.name()));
    }
    return values;
  }

  private static void put(Map<String, Object> values, Setting setting, @Nullable String value) {
    if (value != null) {
      values.put(setting.name(), SettingValue.of(setting, value));
    }
  }

  private static void refuseMisspelled(
      SettingNames names, Set<String> given, String prefix, String where) {
    for (String name : given) {
      Setting meant = name.startsWith(prefix) ? names.misspelled(name) : null;
      if (meant != null) {
        throw new IllegalArgumentException(
            "unknown setting %s in %s: did you mean %s?"
                .formatted(
                    name,
                    where,
                    prefix.equals(SettingNames.PREFIX)
                        ? prefix + meant.name()
                        : SettingNames.variable(meant.name())));
      }
    }
  }
}
