package io.rananeeti.examples.frameworks.matrix;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface JpaOrderRepository extends JpaRepository<JpaOrder, Long> {

  JpaOrder findByNote(String note);

  long countByNote(String note);

  // tag::jpa-update
  @Modifying
  @Query("update JpaOrder o set o.quantity = o.quantity + 1 where o.note = :note")
  int reserve(String note);
  // end::jpa-update
}
