package io.rananeeti.examples.frameworks.shop;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.Id;

/** How many of one item. */
@Entity
class OrderLine {

  @Id @GeneratedValue private Long id;
  private String item;
  private int quantity;

  protected OrderLine() {}

  OrderLine(String item, int quantity) {
    this.item = item;
    this.quantity = quantity;
  }

  String item() {
    return item;
  }

  int quantity() {
    return quantity;
  }
}
