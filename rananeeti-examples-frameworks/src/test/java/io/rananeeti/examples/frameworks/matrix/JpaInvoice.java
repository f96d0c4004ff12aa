package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

// tag::jpa-assigned
/**
 * An invoice, whose id the application assigns. The version is a wrapper type, null until it is
 * stored: by that Spring Data knows a new one, and asks no database.
 */
@Entity
@Table(name = "jpa_invoices")
class JpaInvoice {

  @Id private UUID id = UUID.randomUUID();

  @Version private @Nullable Integer version;

  @Column(nullable = false)
  private String note = "";

  // end::jpa-assigned

  JpaInvoice() {}

  JpaInvoice(String note) {
    this.note = note;
  }

  UUID id() {
    return id;
  }

  String note() {
    return note;
  }
}
