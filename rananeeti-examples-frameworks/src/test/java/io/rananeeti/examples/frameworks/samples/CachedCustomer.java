package io.rananeeti.examples.frameworks.samples;

import jakarta.persistence.Cacheable;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.jspecify.annotations.Nullable;

// tag::cached-entity
/** A customer, of whom Hibernate keeps what it last stored. */
@Entity
@Table(name = "customer")
@Cacheable
@Cache(usage = CacheConcurrencyStrategy.READ_WRITE)
class CachedCustomer {

  @Id private String id = "";
  @Version private @Nullable Integer version;
  private int points;

  // end::cached-entity

  CachedCustomer() {}

  CachedCustomer(String id) {
    this.id = id;
  }

  String id() {
    return id;
  }

  int points() {
    return points;
  }

  void add(int more) {
    points += more;
  }
}
