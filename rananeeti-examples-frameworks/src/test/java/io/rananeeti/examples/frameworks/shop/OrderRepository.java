package io.rananeeti.examples.frameworks.shop;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;

interface OrderRepository extends JpaRepository<PurchaseOrder, UUID> {

  List<PurchaseOrder> findByCustomer(String customer);
}
