package io.rananeeti.examples.frameworks.shop;

import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What a customer wants. */
@Entity
class PurchaseOrder {

  @Id
  @GeneratedValue(strategy = GenerationType.UUID)
  private UUID id;

  @Version private Integer version;
  private String customer;
  private String status;

  @OneToMany(cascade = CascadeType.ALL, fetch = FetchType.EAGER)
  @JoinColumn(name = "purchase_order_id", nullable = false, updatable = false)
  private List<OrderLine> lines = new ArrayList<>();

  protected PurchaseOrder() {}

  PurchaseOrder(String customer, List<OrderLine> lines) {
    this.customer = customer;
    this.status = "placed";
    this.lines.addAll(lines);
  }

  UUID id() {
    return id;
  }

  String customer() {
    return customer;
  }

  String status() {
    return status;
  }

  void ship() {
    status = "shipped";
  }

  List<OrderLine> lines() {
    return lines;
  }
}
