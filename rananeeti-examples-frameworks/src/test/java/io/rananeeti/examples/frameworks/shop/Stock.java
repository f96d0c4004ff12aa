package io.rananeeti.examples.frameworks.shop;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** How many of an item are left. */
@Entity
class Stock {

  @Id private String item;
  private int quantity;

  protected Stock() {}

  int quantity() {
    return quantity;
  }
}
