package io.rananeeti.examples.frameworks.shop;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The shop, over HTTP. */
@RestController
class OrderController {

  private static final Logger log = LoggerFactory.getLogger(OrderController.class);

  private final OrderService service;

  OrderController(OrderService service) {
    this.service = service;
  }

  record Line(String item, int quantity) {}

  record NewOrder(String customer, List<Line> lines) {}

  record Order(UUID id, String customer, String status, List<Line> lines) {}

  @PostMapping("/orders")
  @ResponseStatus(HttpStatus.CREATED)
  Order place(@RequestBody NewOrder order) {
    List<OrderLine> lines =
        order.lines().stream().map(line -> new OrderLine(line.item(), line.quantity())).toList();
    return shown(service.place(order.customer(), lines));
  }

  @PostMapping("/orders/{id}/shipment")
  Order ship(@PathVariable UUID id) {
    return shown(service.ship(id));
  }

  @GetMapping("/orders")
  List<Order> orders(@RequestParam String customer) {
    return service.of(customer).stream().map(OrderController::shown).toList();
  }

  @ExceptionHandler
  @ResponseStatus(HttpStatus.NOT_FOUND)
  void isNotThere(NoSuchElementException e) {}

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  @ResponseStatus(HttpStatus.SERVICE_UNAVAILABLE)
  void doesNotWork(RuntimeException e) {
    log.warn("the database does not do it: {}", e.getMessage());
  }

  private static Order shown(PurchaseOrder order) {
    List<Line> lines =
        order.lines().stream().map(line -> new Line(line.item(), line.quantity())).toList();
    return new Order(order.id(), order.customer(), order.status(), lines);
  }
}
