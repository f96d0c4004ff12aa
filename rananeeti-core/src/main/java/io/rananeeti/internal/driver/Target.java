package io.rananeeti.internal.driver;

import io.rananeeti.DataPlatform;
import io.rananeeti.store.StoreProvider;
import io.rananeeti.store.StoreProvider.Setting;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a {@code jdbc:rananeeti:} URL and the properties beside it ask for.
 *
 * @param url the database's own, with the driver's properties in it and without our settings
 * @param properties the driver's, as given beside the URL
 * @param settings ours, by name; what the URL says comes before the properties, and both before
 *     what is set around them
 */
record Target(
    StoreProvider provider, String url, Properties properties, Map<String, Object> settings) {

  /** How URLs begin that are the platform's. */
  static final String PREFIX = "jdbc:rananeeti:";

  private static final int LONGEST_NAME = 32;

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if a setting is unknown or its value can't be, or if nobody
   *     knows the URL; the message shows no property of the driver
   */
  static Target of(String url, Properties info, Surroundings surroundings) {
    String own = "jdbc:" + url.substring(PREFIX.length());
    StoreProvider provider = provider(own);
    SettingNames names = names(provider);
    Map<String, Object> settings = new HashMap<>(surroundings.read(names));
    Properties passed = new Properties();
    for (String key : info.stringPropertyNames()) {
      if (key.startsWith(SettingNames.PREFIX)) {
        Setting setting = names.get(key, "the properties");
        settings.put(setting.name(), SettingValue.of(setting, info.getProperty(key)));
      } else {
        passed.setProperty(key, info.getProperty(key));
      }
    }
    int query = own.indexOf('?');
    if (query < 0) {
      return new Target(provider, own, passed, settings);
    }
    String rest = withoutOurs(own.substring(query + 1), names, settings);
    String base = own.substring(0, query);
    return new Target(provider, rest.isEmpty() ? base : base + "?" + rest, passed, settings);
  }

  /** Takes our settings out of the URL's query. */
  private static String withoutOurs(
      String query, SettingNames names, Map<String, Object> settings) {
    List<String> others = new ArrayList<>();
    for (String part : query.split("&", -1)) {
      if (!part.startsWith(SettingNames.PREFIX)) {
        others.add(part);
        continue;
      }
      int equals = part.indexOf('=');
      Setting setting = names.get(equals < 0 ? part : part.substring(0, equals), "the URL");
      String value = equals < 0 ? "" : part.substring(equals + 1);
      settings.put(
          setting.name(),
          SettingValue.of(setting, URLDecoder.decode(value, StandardCharsets.UTF_8)));
    }
    return String.join("&", others);
  }

  /** All settings of a platform with a store of this provider. */
  static SettingNames names(StoreProvider provider) {
    return new SettingNames(
        Stream.of(
                Set.of(PlatformSettings.NAME).stream(),
                PlatformSettings.all().stream(),
                provider.settings().stream())
            .flatMap(some -> some)
            .toList());
  }

  /** The provider for a URL, given without the {@code rananeeti:} in it. */
  static StoreProvider provider(String url) {
    return Stream.of(
            StoreProvider.class.getClassLoader(), Thread.currentThread().getContextClassLoader())
        .flatMap(loader -> ServiceLoader.load(StoreProvider.class, loader).stream())
        .map(ServiceLoader.Provider::get)
        .filter(one -> one.accepts(url))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no store takes a URL that begins with jdbc:rananeeti:%s; for jdbc:rananeeti:postgresql: the class path needs rananeeti-aurora"
                        .formatted(scheme(url))));
  }

  private static String scheme(String url) {
    String[] parts = url.split(":", 3);
    return parts.length < 3 ? "" : parts[1] + ":";
  }

  /** Which database, as which user: what one platform in this JVM stands for. */
  String identity() {
    return base() + " " + user();
  }

  private String base() {
    int query = url.indexOf('?');
    return query < 0 ? url : url.substring(0, query);
  }

  private String user() {
    for (String part : url.substring(base().length()).split("[?&]", -1)) {
      if (part.startsWith("user=")) {
        return URLDecoder.decode(part.substring("user=".length()), StandardCharsets.UTF_8);
      }
    }
    return properties.getProperty("user", "");
  }

  /** The database's name, as far as a log's directory and threads can have it. */
  String store() {
    String base = base();
    String last = base.substring(Math.max(base.lastIndexOf('/'), base.lastIndexOf(':')) + 1);
    String name = last.isEmpty() ? user() : URLDecoder.decode(last, StandardCharsets.UTF_8);
    String clean = name.replaceAll("[^A-Za-z0-9_-]", "_");
    return clean.isEmpty()
        ? "database"
        : clean.substring(0, Math.min(LONGEST_NAME, clean.length()));
  }

  String platform() {
    return String.valueOf(settings.getOrDefault(PlatformSettings.NAME.name(), store()));
  }

  /** Opens the platform. */
  DataPlatform open() {
    DataPlatform.Builder builder = DataPlatform.builder(platform());
    PlatformSettings.apply(settings, builder);
    return builder.store(provider.create(store(), url, properties, settings)).open();
  }

  /** The names of what another target of the same database sets otherwise. */
  Set<String> differences(Target other) {
    Set<String> names = new LinkedHashSet<>();
    if (!url.equals(other.url)) {
      names.add("the URL's properties");
    }
    addDifferences(names, properties, other.properties, "");
    addDifferences(names, settings, other.settings, SettingNames.PREFIX);
    return names;
  }

  private static void addDifferences(
      Set<String> names, Map<?, ?> these, Map<?, ?> those, String prefix) {
    names.addAll(
        Stream.concat(these.keySet().stream(), those.keySet().stream())
            .filter(key -> !Objects.equals(these.get(key), those.get(key)))
            .map(key -> prefix + key)
            .toList());
  }

  /** Shows no property: a password may be among them. */
  @Override
  public String toString() {
    return "Target[" + base() + "]";
  }
}
