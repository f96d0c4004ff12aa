package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A ticket, whose id is an identity column's. */
@Entity
@Table(name = "jpa_tickets")
class JpaTicket {

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  private @Nullable Long id;

  @Column(nullable = false)
  private String note = "";

  JpaTicket() {}

  JpaTicket(String note) {
    this.note = note;
  }

  @Nullable Long id() {
    return id;
  }

  String note() {
    return note;
  }
}
