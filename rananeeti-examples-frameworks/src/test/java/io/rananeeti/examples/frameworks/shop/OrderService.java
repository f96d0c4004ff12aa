package io.rananeeti.examples.frameworks.shop;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Takes and ships orders. */
@Service
class OrderService {

  private final OrderRepository orders;
  private final StockRepository stock;
  private final ApplicationEventPublisher events;

  OrderService(OrderRepository orders, StockRepository stock, ApplicationEventPublisher events) {
    this.orders = orders;
    this.stock = stock;
    this.events = events;
  }

  @Transactional
  public PurchaseOrder place(String customer, List<OrderLine> lines) {
    PurchaseOrder order = orders.save(new PurchaseOrder(customer, lines));
    for (OrderLine line : lines) {
      if (stock.take(line.item(), line.quantity()) != 1) {
        throw new NoSuchElementException(line.item());
      }
    }
    events.publishEvent(new OrderPlaced(order.id()));
    return order;
  }

  @Transactional
  public PurchaseOrder ship(UUID id) {
    PurchaseOrder order = orders.findById(id).orElseThrow();
    order.ship();
    return order;
  }

  @Transactional(readOnly = true)
  public List<PurchaseOrder> of(String customer) {
    return orders.findByCustomer(customer);
  }
}
