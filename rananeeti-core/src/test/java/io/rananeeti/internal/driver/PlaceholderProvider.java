package io.rananeeti.internal.driver;

import io.rananeeti.store.Store;
import io.rananeeti.store.StoreProvider;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** A provider for URLs of a database that does not exist. */
public final class PlaceholderProvider implements StoreProvider {

  @Override
  public boolean accepts(String url) {
    return url.startsWith("jdbc:placeholder:");
  }

  @Override
  public Set<Setting> settings() {
    return Set.of(new Setting("pool-size", Integer.class, "how many"));
  }

  @Override
  public Store create(
      String name, String url, Properties properties, Map<String, Object> settings) {
    throw new UnsupportedOperationException("nothing is opened here");
  }
}
