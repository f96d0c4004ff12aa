package io.rananeeti.examples.frameworks.matrix;

import org.jooq.TableField;
import org.jooq.UniqueKey;
import org.jooq.impl.DSL;
import org.jooq.impl.Internal;
import org.jooq.impl.SQLDataType;
import org.jooq.impl.TableImpl;
import org.jooq.impl.UpdatableRecordImpl;

/** What jOOQ's generator makes of the table {@code jooq_orders}, as far as it is used here. */
public final class OrdersTable extends TableImpl<OrdersTable.Row> {

  static final OrdersTable ORDERS = new OrdersTable();

  final TableField<Row, Long> id =
      createField(DSL.name("id"), SQLDataType.BIGINT.nullable(false).identity(true), this);
  final TableField<Row, String> note =
      createField(DSL.name("note"), SQLDataType.CLOB.nullable(false), this);
  final TableField<Row, Integer> quantity =
      createField(DSL.name("quantity"), SQLDataType.INTEGER.nullable(false), this);
  final TableField<Row, Integer> version =
      createField(DSL.name("version"), SQLDataType.INTEGER.nullable(false), this);

  private OrdersTable() {
    super(DSL.name("jooq_orders"));
  }

  @Override
  public Class<Row> getRecordType() {
    return Row.class;
  }

  @Override
  public org.jooq.Identity<Row, Long> getIdentity() {
    return Internal.createIdentity(this, id);
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public UniqueKey<Row> getPrimaryKey() {
    return Internal.createUniqueKey(
        this, DSL.name("jooq_orders_pkey"), new TableField[] {id}, true);
  }

  /** The column by which jOOQ locks optimistically. */
  @Override
  public TableField<Row, ?> getRecordVersion() {
    return version;
  }

  /** One order. */
  public static final class Row extends UpdatableRecordImpl<Row> {

    /** For jOOQ. */
    public Row() {
      super(ORDERS);
    }
  }
}
