package io.rananeeti.internal.driver;

import io.rananeeti.store.StoreProvider.Setting;
import java.sql.DriverPropertyInfo;
import java.util.Arrays;
import java.util.Properties;

/** The settings of the platform, as tools that ask a driver for them show them. */
public final class DriverProperties {

  private DriverProperties() {}

  /**
   * All of them, with the values given beside the URL.
   *
   * @throws IllegalArgumentException if no store takes the URL
   */
  public static DriverPropertyInfo[] of(String url, Properties info) {
    String own = "jdbc:" + url.substring(Target.PREFIX.length());
    return Target.names(Target.provider(own)).all().stream()
        .map(setting -> describe(setting, info))
        .toArray(DriverPropertyInfo[]::new);
  }

  private static DriverPropertyInfo describe(Setting setting, Properties info) {
    String key = SettingNames.PREFIX + setting.name();
    DriverPropertyInfo described = new DriverPropertyInfo(key, info.getProperty(key));
    described.description = setting.description();
    if (setting.type().isEnum()) {
      described.choices =
          Arrays.stream(setting.type().getEnumConstants())
              .map(constant -> ((Enum<?>) constant).name())
              .toArray(String[]::new);
    }
    return described;
  }
}
