package io.rananeeti.internal.driver;

import io.rananeeti.store.StoreProvider.Setting;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds a setting by the name that somebody wrote, or the one that was probably meant. */
final class SettingNames {

  /** What begins with it is the platform's, everywhere but in the environment. */
  static final String PREFIX = "rananeeti.";

  private static final String VARIABLE = "RANANEETI_";

  private final Map<String, Setting> settings;

  SettingNames(Collection<Setting> settings) {
    this.settings =
        settings.stream()
            .collect(
                Collectors.toMap(
                    Setting::name, setting -> setting, (one, other) -> one, LinkedHashMap::new));
  }

  Collection<Setting> all() {
    return settings.values();
  }

  /** The name under which a setting stands in the environment. */
  static String variable(String name) {
    return VARIABLE + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /**
   * The setting of that name, which begins with {@value #PREFIX}.
   *
   * @throws IllegalArgumentException if there is none; the message names the one that was probably
   *     meant
   */
  Setting get(String key, String where) {
    Setting setting = settings.get(key.substring(PREFIX.length()));
    if (setting != null) {
      return setting;
    }
    Setting meant = meant(normal(key.substring(PREFIX.length())));
    String advice =
        meant == null
            ? "known are "
                + settings.keySet().stream().map(PREFIX::concat).collect(Collectors.joining(", "))
            : "did you mean " + PREFIX + meant.name() + "?";
    throw new IllegalArgumentException(
        "unknown setting %s in %s: %s".formatted(key, where, advice));
  }

  /**
   * A system property or an environment variable that is none of ours, but so near to one that it
   * was meant to be; null for all others, as Kubernetes sets {@code RANANEETI_PORT} where a service
   * has the platform's name.
   */
  @Nullable Setting misspelled(String name) {
    String bare = name.substring(PREFIX.length());
    Setting exact = settings.get(normal(bare));
    boolean isExact =
        exact != null
            && (name.equals(variable(exact.name())) || name.equals(PREFIX + exact.name()));
    return isExact ? null : meant(normal(bare));
  }

  private static String normal(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT)
        .replace('_', '-')
        .replace('.', '-');
  }

  private @Nullable Setting meant(String name) {
    Setting nearest =
        settings.values().stream()
            .min(Comparator.comparingInt(setting -> distance(name, setting.name())))
            .orElse(null);
    return nearest != null && distance(name, nearest.name()) <= 1 + nearest.name().length() / 6
        ? nearest
        : null;
  }

  /** How many characters have to be put in, left out or changed (Levenshtein 1966). */
  private static int distance(String from, String to) {
    int[] last = new int[to.length() + 1];
    for (int j = 0; j < last.length; j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[last.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, 1 + Math.min(last[j], row[j - 1]));
      }
      last = row;
    }
    return last[to.length()];
  }
}
