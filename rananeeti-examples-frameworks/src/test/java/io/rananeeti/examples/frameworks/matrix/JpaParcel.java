package io.rananeeti.examples.frameworks.matrix;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

// tag::jpa-uuid
/** A parcel, whose id Hibernate makes without asking anybody. */
@Entity
@Table(name = "jpa_parcels")
class JpaParcel {

  @Id
  @GeneratedValue(strategy = GenerationType.UUID)
  private @Nullable UUID id;

  @Column(nullable = false)
  private String note = "";

  // end::jpa-uuid

  JpaParcel() {}

  JpaParcel(String note) {
    this.note = note;
  }

  @Nullable UUID id() {
    return id;
  }

  String note() {
    return note;
  }
}
