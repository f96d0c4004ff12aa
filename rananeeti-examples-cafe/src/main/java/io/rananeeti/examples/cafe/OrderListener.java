package io.rananeeti.examples.cafe;

import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformListener;
import io.rananeeti.Receipt;
import io.rananeeti.examples.cafe.OrderEvent.Kind;

/**
 * Notes in the order's log what becomes of accepted orders, at the time when it happens. Whatever a
 * crash loses of that, {@link OrderTruth} finds out.
 */
final class OrderListener implements PlatformListener {

  private final OrderLog log;
  private final AcceptedOrders accepted;

  OrderListener(OrderLog log, AcceptedOrders accepted) {
    this.log = log;
    this.accepted = accepted;
  }

  @Override
  public void applied(Receipt receipt) {
    accepted
        .number(receipt.id())
        .ifPresent(number -> log.note(number, Kind.APPLIED, receipt.id().toString()));
  }

  @Override
  public void rejected(DeadLetter letter) {
    accepted
        .number(letter.id())
        .ifPresent(number -> log.note(number, Kind.REFUSED, OrderTruth.refusal(letter)));
  }
}
