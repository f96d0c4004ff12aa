package io.rananeeti.benchmarks.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.rananeeti.DataPlatform;
import io.rananeeti.LogStorageType;
import io.rananeeti.aurora.AuroraStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What is compared, each as its makers say it is to be used, with as many connections. */
enum Contender {
  /** HikariCP over pgjdbc. */
  PLAIN,
  /** The platform, which is its own pool. */
  RANANEETI,
  /** The same, which keeps each transaction for other regions; there are none, so all is kept. */
  RETAINING,
  /** HikariCP over the AWS wrapper with its default plugins, over pgjdbc. */
  AWS_WRAPPER;

  private static final int POOL_SIZE = 10;
  private static final String STORE = "orders";

  /** The table that it alone writes to. */
  String table() {
    return "written_by_" + name().toLowerCase(Locale.ROOT);
  }

  Subject open(Target target) {
    return switch (this) {
      case PLAIN -> pooled(target, target.url());
      case AWS_WRAPPER -> pooled(target, target.url().replace("jdbc:", "jdbc:aws-wrapper:"));
      case RANANEETI -> platform(target, null);
      case RETAINING -> platform(target, Duration.ofHours(1));
    };
  }

  private static Subject pooled(Target target, String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(target.user());
    config.setPassword(target.password());
    config.setMaximumPoolSize(POOL_SIZE);
    HikariDataSource pool = new HikariDataSource(config);
    return new Subject(pool, pool::close);
  }

  private static Subject platform(Target target, @Nullable Duration retain) {
    DataPlatform.Builder builder =
        DataPlatform.builder("benchmark")
            .log(target.log())
            .logStorage(LogStorageType.FILE)
            .store(
                AuroraStore.builder(STORE)
                    .url(target.url())
                    .user(target.user())
                    .password(target.password())
                    .poolSize(POOL_SIZE)
                    .build());
    if (retain != null) {
      builder.retain(retain);
    }
    DataPlatform platform = builder.open();
    return new Subject(platform.dataSource(STORE), platform::close);
  }

  /**
   * Where it connects to.
   *
   * @param log an empty directory for those that keep a log
   */
  record Target(String url, String user, String password, Path log) {}

  /** A source of connections, and how it is closed in the end. */
  record Subject(DataSource dataSource, Runnable closing) implements AutoCloseable {

    @Override
    public void close() {
      closing.run();
    }
  }
}
