package io.rananeeti.examples.frameworks.matrix;

import java.sql.PreparedStatement;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** Spring's JdbcTemplate in declared transactions. */
class TemplateOrders implements OrderBook {

  private static final String INSERT = "INSERT INTO template_orders (note) VALUES (?)";

  private final JdbcTemplate jdbc;
  private @Nullable Loaded loaded;

  TemplateOrders(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  record Loaded(long id, int quantity, int version) {}

  @Configuration
  @EnableTransactionManagement
  static class Wiring {

    @Bean
    JdbcTemplate jdbc(DataSource dataSource) {
      return new JdbcTemplate(dataSource);
    }

    @Bean
    JdbcTransactionManager transactions(DataSource dataSource) {
      return new JdbcTransactionManager(dataSource);
    }

    @Bean
    OrderBook orders(JdbcTemplate jdbc) {
      return new TemplateOrders(jdbc);
    }
  }

  // tag::template-insert
  @Override
  @Transactional
  public long place(String note) {
    KeyHolder keys = new GeneratedKeyHolder();
    jdbc.update(
        connection -> {
          PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO template_orders (note) VALUES (?)", new String[] {"id"});
          insert.setString(1, note);
          return insert;
        },
        keys);
    return Objects.requireNonNull(keys.getKeyAs(Long.class));
  }

  // end::template-insert

  @Override
  @Transactional
  public void send(String note) {
    jdbc.update("INSERT INTO template_parcels (id, note) VALUES (?, ?)", UUID.randomUUID(), note);
  }

  @Override
  @Transactional
  public void placeAll(List<String> notes) {
    jdbc.batchUpdate(INSERT, notes.stream().map(note -> new Object[] {note}).toList());
  }

  @Override
  @Transactional
  public void reserve(String note) {
    expectOne(
        jdbc.update("UPDATE template_orders SET quantity = quantity + 1 WHERE note = ?", note));
  }

  @Override
  @Transactional(readOnly = true)
  public void load(String note) {
    loaded =
        jdbc.queryForObject(
            "SELECT id, quantity, version FROM template_orders WHERE note = ?",
            (row, number) -> new Loaded(row.getLong(1), row.getInt(2), row.getInt(3)),
            note);
  }

  // tag::template-versioned
  @Override
  @Transactional
  public void amend() {
    Loaded order = Objects.requireNonNull(loaded);
    expectOne(
        jdbc.update(
            "UPDATE template_orders SET quantity = ?, version = ? WHERE id = ? AND version = ?",
            order.quantity() + 1,
            order.version() + 1,
            order.id(),
            order.version()));
    loaded = new Loaded(order.id(), order.quantity() + 1, order.version() + 1);
  }

  // end::template-versioned

  @Override
  @Transactional
  public void placeBoth(String first, Runnable between, String second) {
    jdbc.update(INSERT, first);
    between.run();
    jdbc.update(INSERT, second);
  }

  @Override
  @Transactional
  public void countAndPlace(String note, Runnable between) {
    count(note);
    between.run();
    jdbc.update(INSERT, note);
  }

  @Override
  @Transactional(readOnly = true)
  public long count(String note) {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            "SELECT count(*) FROM template_orders WHERE note = ?", Long.class, note));
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new OptimisticLockingFailureException("rows=" + count);
    }
  }
}
