package io.rananeeti.examples.frameworks.shop;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Confirms orders to customers, once they are committed. */
@Component
class Confirmations {

  private final Set<UUID> confirmed = ConcurrentHashMap.newKeySet();

  // tag::after-commit
  @TransactionalEventListener // AFTER_COMMIT, which an accepted commit is, too
  void confirm(OrderPlaced order) {
    confirmed.add(order.id());
  }

  // end::after-commit

  boolean has(UUID id) {
    return confirmed.contains(id);
  }
}
