package io.rananeeti.examples.cafe;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.Health;
import io.rananeeti.Health.StoreHealth;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How the cafe fares while its database is dead: the numbers now, those of the last five minutes,
 * and what a person can do. Thread-safe; one thread takes a sample a second.
 */
final class Outage implements AutoCloseable {

  private static final int HISTORY = 300;
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Who is named in the audit trail: the page asks nobody for a name. */
  private static final String PAGE = "the cafe's outage page";

  private final DataPlatform platform;
  private final OrderDesk desk;
  private final OrderLog orderLog;
  private final AcceptedOrders accepted;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<OutageView.Sample> history = new ArrayDeque<>();
  private final Ticker ticker;

  Outage(
      DataPlatform platform,
      OrderDesk desk,
      OrderLog orderLog,
      AcceptedOrders accepted,
      Clock clock) {
    this.platform = platform;
    this.desk = desk;
    this.orderLog = orderLog;
    this.accepted = accepted;
    this.clock = clock;
    this.ticker = Ticker.start("cafe-samples", INTERVAL, this::sample);
  }

  private void sample() {
    OutageView.Sample sample = view().sample();
    lock.lock();
    try {
      history.addLast(sample);
      if (history.size() > HISTORY) {
        history.removeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The samples of the last five minutes, oldest first. */
  List<OutageView.Sample> history() {
    lock.lock();
    try {
      return List.copyOf(history);
    } finally {
      lock.unlock();
    }
  }

  /** The numbers now. */
  OutageView view() {
    Health health = platform.health();
    return new OutageView(
        clock.instant(),
        database(health),
        health.takesWork(),
        desk.storedAtOnce(),
        health.shared());
  }

  private static StoreHealth database(Health health) {
    return Objects.requireNonNull(health.stores().get(CafePlatform.STORE));
  }

  /** Whether the database is known to be there. */
  boolean isUp() {
    return database(platform.health()).availability() == Availability.UP;
  }

  /** What the database refused. */
  List<OutageView.Letter> letters() {
    return platform.deadLetters().list().stream()
        .map(letter -> OutageView.Letter.of(letter, accepted.number(letter.id())))
        .toList();
  }

  /**
   * Sends a refused order to the database again.
   *
   * @throws IllegalArgumentException if there is no such letter any more
   */
  void retry(TransactionId id) {
    Optional<String> number = accepted.number(id);
    Receipt receipt = platform.deadLetters().retry(id, PAGE, "sent again by hand");
    number.ifPresent(order -> noteRetry(order, id, receipt));
  }

  private void noteRetry(String number, TransactionId refused, Receipt receipt) {
    orderLog.note(number, Kind.RETRIED, refused + " " + receipt.id());
    accepted.add(receipt.id(), number);
    if (receipt.status() == Receipt.Status.APPLIED) {
      orderLog.note(number, Kind.APPLIED, receipt.id().toString());
    }
  }

  /**
   * Gives a refused order up.
   *
   * @throws IllegalArgumentException if there is no such letter any more
   */
  void discard(TransactionId id) {
    Optional<DeadLetter> letter = platform.deadLetters().get(id);
    platform.deadLetters().discard(id, PAGE, "given up");
    letter
        .flatMap(known -> accepted.number(known.id()))
        .ifPresent(number -> orderLog.note(number, Kind.DISCARDED, id.toString()));
  }

  @Override
  public void close() {
    ticker.close();
  }
}
