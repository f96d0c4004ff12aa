package io.rananeeti.examples.frameworks.shop;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface StockRepository extends JpaRepository<Stock, String> {

  @Modifying
  @Query("update Stock s set s.quantity = s.quantity - :quantity where s.item = :item")
  int take(String item, int quantity);
}
