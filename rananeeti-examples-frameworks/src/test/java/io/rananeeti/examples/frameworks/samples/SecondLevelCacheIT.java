package io.rananeeti.examples.frameworks.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

/** What a second-level cache does for work in an outage, and what it must be told. */
@SuppressWarnings("NullAway") // all is opened for each test
class SecondLevelCacheIT {

  @TempDir private Path directory;
  private Site site;
  private LocalContainerEntityManagerFactoryBean bean;
  private EntityManagerFactory factory;

  @BeforeEach
  void open() throws Exception {
    site = new Site(directory, new EvictOnRejection(() -> factory));
    site.server()
        .execute(
            "CREATE TABLE customer (id text PRIMARY KEY, version int NOT NULL,"
                + " points int NOT NULL CHECK (points < 100))");
    bean = new LocalContainerEntityManagerFactoryBean();
    bean.setDataSource(site.dataSource());
    bean.setPackagesToScan(getClass().getPackageName());
    bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
    bean.setJpaPropertyMap(
        Map.of(
            "hibernate.cache.use_second_level_cache", "true",
            "hibernate.cache.region.factory_class", "jcache",
            "hibernate.javax.cache.provider", CaffeineCachingProvider.class.getName(),
            "hibernate.javax.cache.missing_cache_strategy", "create"));
    bean.afterPropertiesSet();
    factory = bean.getObject();
    factory.runInTransaction(manager -> manager.persist(new CachedCustomer("ann")));
    assertThat(points("ann")).isZero();
  }

  @AfterEach
  void close() {
    bean.destroy();
    site.close();
  }

  @Test
  void whatIsCachedIsLoadedAndChangedInAnOutage() throws Exception {
    site.outage();

    add("ann", 5);
    add("ann", 7);

    assertThat(points("ann")).isEqualTo(12);
    site.recover();
    assertThat(site.ask("SELECT points FROM customer WHERE id = 'ann'")).isEqualTo("12");
    factory.getCache().evictAll();
    assertThat(points("ann")).isEqualTo(12);
  }

  @Test
  void whatTheDatabaseRefusedInTheEndIsForgotten() throws Exception {
    site.outage();

    add("ann", 500);

    assertThat(points("ann")).isEqualTo(500);
    site.recover();
    Site.await("the cache forgets", () -> points("ann") == 0);
    assertThat(site.platform().deadLetters().list()).hasSize(1);
  }

  private void add(String id, int points) {
    // tag::cached-change
    factory.runInTransaction(
        manager -> {
          CachedCustomer customer = manager.find(CachedCustomer.class, id); // asks the cache
          customer.add(points);
        });
    // end::cached-change
  }

  private int points(String id) {
    return factory.callInTransaction(manager -> manager.find(CachedCustomer.class, id).points());
  }
}
