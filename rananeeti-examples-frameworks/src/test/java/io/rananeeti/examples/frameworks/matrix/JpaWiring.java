package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.EntityManagerFactory;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** Spring Data JPA without Spring Boot; {@code batch-size} says how many rows go in one batch. */
@Configuration
@EnableTransactionManagement(proxyTargetClass = true)
@EnableJpaRepositories
class JpaWiring {

  @Bean
  LocalContainerEntityManagerFactoryBean entityManagerFactory(
      DataSource dataSource, Environment environment) {
    LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
    factory.setDataSource(dataSource);
    factory.setPackagesToScan(JpaWiring.class.getPackageName());
    factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
    String batchSize = environment.getRequiredProperty("batch-size");
    // tag::jpa-batching
    factory.setJpaPropertyMap(
        Map.of(
            "hibernate.jdbc.batch_size", batchSize,
            "hibernate.order_inserts", "true",
            "hibernate.order_updates", "true"));
    // end::jpa-batching
    return factory;
  }

  @Bean
  JpaTransactionManager transactionManager(EntityManagerFactory factory) {
    return new JpaTransactionManager(factory);
  }

  @Bean
  JpaOrders orders(
      JpaOrderRepository orders,
      JpaParcelRepository parcels,
      JpaInvoiceRepository invoices,
      JpaTicketRepository tickets,
      EntityManagerFactory factory) {
    return new JpaOrders(orders, parcels, invoices, tickets, factory);
  }
}
