package io.rananeeti.examples.frameworks.matrix;

import static io.rananeeti.examples.frameworks.matrix.OrdersTable.ORDERS;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** jOOQ. */
final class JooqOrders implements OrderBook {

  private final DSLContext create;
  private OrdersTable.@Nullable Row loaded;

  // tag::jooq-settings
  JooqOrders(DataSource dataSource) {
    create =
        DSL.using(
            dataSource, SQLDialect.POSTGRES, new Settings().withExecuteWithOptimisticLocking(true));
  }

  // end::jooq-settings

  // tag::jooq-insert
  @Override
  public long place(String note) {
    OrdersTable.Row order = create.newRecord(ORDERS);
    order.set(ORDERS.note, note);
    order.store();
    return order.get(ORDERS.id);
  }

  // end::jooq-insert

  @Override
  public void send(String note) {
    create
        .insertInto(DSL.table("jooq_parcels"), DSL.field("id"), DSL.field("note"))
        .values(UUID.randomUUID(), note)
        .execute();
  }

  // tag::jooq-batch
  @Override
  public void placeAll(List<String> notes) {
    create.transaction(
        transaction ->
            transaction
                .dsl()
                .batch(
                    notes.stream()
                        .map(note -> create.insertInto(ORDERS).set(ORDERS.note, note))
                        .toList())
                .execute());
  }

  // end::jooq-batch

  @Override
  public void reserve(String note) {
    expectOne(
        create
            .update(ORDERS)
            .set(ORDERS.quantity, ORDERS.quantity.plus(1))
            .where(ORDERS.note.eq(note))
            .execute());
  }

  @Override
  public void load(String note) {
    loaded = create.fetchSingle(ORDERS, ORDERS.note.eq(note));
  }

  // tag::jooq-versioned
  @Override
  public void amend() {
    OrdersTable.Row order = Objects.requireNonNull(loaded);
    order.set(ORDERS.quantity, order.get(ORDERS.quantity) + 1);
    order.store(); // update jooq_orders set quantity = ?, version = ? where id = ? and version = ?
  }

  // end::jooq-versioned

  @Override
  public void placeBoth(String first, Runnable between, String second) {
    create.transaction(
        transaction -> {
          insert(transaction.dsl(), first);
          between.run();
          insert(transaction.dsl(), second);
        });
  }

  @Override
  public void countAndPlace(String note, Runnable between) {
    create.transaction(
        transaction -> {
          count(transaction.dsl(), note);
          between.run();
          insert(transaction.dsl(), note);
        });
  }

  @Override
  public long count(String note) {
    return count(create, note);
  }

  private static long count(DSLContext dsl, String note) {
    return dsl.fetchCount(ORDERS, ORDERS.note.eq(note));
  }

  private static void insert(DSLContext dsl, String note) {
    dsl.insertInto(ORDERS).set(ORDERS.note, note).execute();
  }

  private static void expectOne(int count) {
    if (count != 1) {
      throw new IllegalStateException("changed by somebody else, rows=" + count);
    }
  }
}
