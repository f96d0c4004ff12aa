package io.rananeeti.examples.frameworks.samples;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** Decides by what it reads, so it can't be run again behind its back; Spring runs it again. */
class Transfers {

  private final JdbcTemplate jdbc;
  private final AtomicInteger runs = new AtomicInteger();

  Transfers(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  // tag::spring-retry
  @Configuration
  @EnableTransactionManagement(proxyTargetClass = true)
  @EnableResilientMethods(proxyTargetClass = true)
  static class Wiring {
    // end::spring-retry

    @Bean
    JdbcTemplate jdbc(DataSource dataSource) {
      return new JdbcTemplate(dataSource);
    }

    @Bean
    JdbcTransactionManager transactions(DataSource dataSource) {
      return new JdbcTransactionManager(dataSource);
    }

    @Bean
    Transfers transfers(JdbcTemplate jdbc) {
      return new Transfers(jdbc);
    }
  }

  // tag::spring-retry-method
  @Retryable(
      includes = ConcurrencyFailureException.class,
      maxRetries = 5,
      delay = 50,
      multiplier = 2)
  @Transactional
  public void take(int amount) {
    int balance = balance();
    if (balance < amount) {
      throw new IllegalStateException("balance=" + balance);
    }
    jdbc.update("UPDATE account SET balance = ?", balance - amount);
    runs.incrementAndGet();
  }

  // end::spring-retry-method

  /** Blind, so that it can wait in the log. */
  @Transactional
  public void add(int amount) {
    jdbc.update("UPDATE account SET balance = balance + ?", amount);
  }

  @Transactional(readOnly = true)
  public int balance() {
    return Objects.requireNonNull(
        jdbc.queryForObject("SELECT balance FROM account", Integer.class));
  }

  /** How often {@link #take} came to its end. */
  public int runs() {
    return runs.get();
  }
}
