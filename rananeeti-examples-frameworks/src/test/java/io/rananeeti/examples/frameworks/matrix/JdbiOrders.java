package io.rananeeti.examples.frameworks.matrix;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Jdbi. */
final class JdbiOrders implements OrderBook {

  private static final String INSERT = "INSERT INTO jdbi_orders (note) VALUES (:note)";

  private final Jdbi jdbi;
  private @Nullable Loaded loaded;

  JdbiOrders(DataSource dataSource) {
    this.jdbi = Jdbi.create(dataSource);
  }

  private record Loaded(long id, int quantity, int version) {}

  // tag::jdbi-insert
  @Override
  public long place(String note) {
    return jdbi.inTransaction(
        handle ->
            handle
                .createUpdate("INSERT INTO jdbi_orders (note) VALUES (:note)")
                .bind("note", note)
                .executeAndReturnGeneratedKeys("id")
                .mapTo(Long.class)
                .one());
  }

  // end::jdbi-insert

  @Override
  public void send(String note) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "INSERT INTO jdbi_parcels (id, note) VALUES (?, ?)", UUID.randomUUID(), note));
  }

  @Override
  public void placeAll(List<String> notes) {
    jdbi.useTransaction(
        handle -> {
          PreparedBatch batch = handle.prepareBatch(INSERT);
          notes.forEach(note -> batch.bind("note", note).add());
          batch.execute();
        });
  }

  @Override
  public void reserve(String note) {
    expectOne(
        jdbi.withHandle(
            handle ->
                handle.execute(
                    "UPDATE jdbi_orders SET quantity = quantity + 1 WHERE note = ?", note)));
  }

  @Override
  public void load(String note) {
    loaded =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("SELECT id, quantity, version FROM jdbi_orders WHERE note = :note")
                    .bind("note", note)
                    .map((row, context) -> new Loaded(row.getLong(1), row.getInt(2), row.getInt(3)))
                    .one());
  }

  // tag::jdbi-versioned
  @Override
  public void amend() {
    Loaded order = Objects.requireNonNull(loaded);
    expectOne(
        jdbi.inTransaction(
            handle ->
                handle
                    .createUpdate(
                        "UPDATE jdbi_orders SET quantity = :quantity, version = version + 1"
                            + " WHERE id = :id AND version = :version")
                    .bind("quantity", order.quantity() + 1)
                    .bind("id", order.id())
                    .bind("version", order.version())
                    .execute()));
    loaded = new Loaded(order.id(), order.quantity() + 1, order.version() + 1);
  }

  // end::jdbi-versioned

  @Override
  public void placeBoth(String first, Runnable between, String second) {
    jdbi.useTransaction(
        handle -> {
          insert(handle, first);
          between.run();
          insert(handle, second);
        });
  }

  @Override
  public void countAndPlace(String note, Runnable between) {
    jdbi.useTransaction(
        handle -> {
          count(handle, note);
          between.run();
          insert(handle, note);
        });
  }

  @Override
  public long count(String note) {
    return jdbi.withHandle(handle -> count(handle, note));
  }

  private static long count(Handle handle, String note) {
    return handle
        .createQuery("SELECT count(*) FROM jdbi_orders WHERE note = :note")
        .bind("note", note)
        .mapTo(Long.class)
        .one();
  }

  private static void insert(Handle handle, String note) {
    handle.createUpdate(INSERT).bind("note", note).execute();
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new IllegalStateException("changed by somebody else, rows=" + count);
    }
  }
}
