package io.rananeeti.aurora.scenarios;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.rananeeti.DataPlatform;
import io.rananeeti.PlatformListener;
import io.rananeeti.aurora.AuroraStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Who is compared: each by its own documentation, with pools of the same size. */
enum Contestant {
  /** The driver, which tries all instances for the one that takes writes, under HikariCP. */
  PGJDBC("pgjdbc, all hosts") {
    @Override
    Entrant enter(Cluster cluster, Path directory, PlatformListener listener) {
      String hosts =
          cluster.aurora().instances().stream()
              .map(each -> cluster.aurora().host(each) + ":" + cluster.aurora().port())
              .collect(Collectors.joining(","));
      HikariConfig config = pool(cluster);
      config.setJdbcUrl("jdbc:postgresql://" + hosts + "/postgres");
      config.addDataSourceProperty("sslmode", "disable");
      config.addDataSourceProperty("targetServerType", "primary");
      config.addDataSourceProperty("hostRecheckSeconds", "2");
      config.addDataSourceProperty("connectTimeout", "2");
      config.addDataSourceProperty("socketTimeout", "2");
      config.addDataSourceProperty("tcpKeepAlive", "true");
      config.setConnectionTimeout(5_000);
      config.setValidationTimeout(1_000);
      HikariDataSource pool = new HikariDataSource(config);
      return new Entrant(this, pool, pool::close);
    }
  },
  /** The wrapper's recommendation for a Global Database and HikariCP, with its defaults. */
  AWS_WRAPPER("AWS wrapper") {
    @Override
    Entrant enter(Cluster cluster, Path directory, PlatformListener listener) {
      HikariConfig config = pool(cluster);
      config.setJdbcUrl(cluster.url().replace("jdbc:", "jdbc:aws-wrapper:"));
      config.addDataSourceProperty("wrapperDialect", "global-aurora-pg");
      config.addDataSourceProperty(
          "wrapperPlugins", "initialConnection,auroraConnectionTracker,gdbFailover,efm2");
      config.addDataSourceProperty("clusterId", "compared-" + cluster.aurora().port());
      config.addDataSourceProperty(
          "globalClusterInstanceHostPatterns", cluster.aurora().hostPatterns());
      config.addDataSourceProperty("failoverHomeRegion", "us-east-1");
      config.addDataSourceProperty("activeHomeFailoverMode", "strict-writer");
      config.addDataSourceProperty("inactiveHomeFailoverMode", "strict-writer");
      config.setExceptionOverrideClassName("software.amazon.jdbc.util.HikariCPSQLException");
      HikariDataSource pool = new HikariDataSource(config);
      return new Entrant(this, pool, pool::close);
    }

    /** Its documentation says of 08S02: repeat it, and of 08007: find out what happened. */
    @Override
    boolean isUnknown(SQLException failure, boolean committing) {
      String state = String.valueOf(failure.getSQLState());
      return state.equals("08007") || (committing && !state.equals("08S02") && breaks(state));
    }
  },
  RANANEETI("Rananeeti") {
    @Override
    Entrant enter(Cluster cluster, Path directory, PlatformListener listener) {
      DataPlatform platform =
          DataPlatform.builder("compared")
              .store(
                  AuroraStore.builder("orders")
                      .url(cluster.url())
                      .user(cluster.aurora().user())
                      .password(cluster.aurora().password())
                      .hostPatterns(cluster.aurora().hostPatterns().split(","))
                      .build())
              .log(directory)
              .retain(Duration.ofMinutes(10))
              .listener(listener)
              .open();
      return new Entrant(
          this,
          platform.dataSource("orders"),
          () -> {
            platform.drain(Duration.ofMinutes(1));
            platform.close();
          });
    }

    @Override
    boolean isUnknown(SQLException failure, boolean committing) {
      return "08007".equals(failure.getSQLState());
    }
  };

  private static final int POOL = 10;

  private final String words;

  Contestant(String words) {
    this.words = words;
  }

  /** Opens it on a cluster; it has a table of its own there. */
  abstract Entrant enter(Cluster cluster, Path directory, PlatformListener listener);

  /** Whether nobody can tell if the transaction happened; else it is tried again. */
  boolean isUnknown(SQLException failure, boolean committing) {
    return committing && breaks(String.valueOf(failure.getSQLState()));
  }

  private static boolean breaks(String sqlState) {
    return sqlState.startsWith("08") || sqlState.startsWith("57P0");
  }

  private static HikariConfig pool(Cluster cluster) {
    HikariConfig config = new HikariConfig();
    config.setUsername(cluster.aurora().user());
    config.setPassword(cluster.aurora().password());
    config.setMaximumPoolSize(POOL);
    config.setInitializationFailTimeout(-1);
    return config;
  }

  /** The name of its table. */
  String table() {
    return "orders_" + name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return words;
  }

  /** A contestant that has been opened. */
  record Entrant(Contestant contestant, DataSource dataSource, Closing closing) {}

  /** Ends it. */
  @FunctionalInterface
  interface Closing {
    void close() throws InterruptedException;
  }
}
