package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

// tag::jpa-entity
/** An order. Its id is of the type's default strategy, which on PostgreSQL is a sequence. */
@Entity
@Table(name = "jpa_orders")
class JpaOrder {

  @Id @GeneratedValue private @Nullable Long id;

  @Column(nullable = false)
  private String note = "";

  @Column(nullable = false)
  private int quantity;

  @Version private @Nullable Integer version;

  // end::jpa-entity

  JpaOrder() {}

  JpaOrder(String note) {
    this.note = note;
  }

  @Nullable Long id() {
    return id;
  }

  String note() {
    return note;
  }

  int quantity() {
    return quantity;
  }

  void add() {
    quantity++;
  }
}
