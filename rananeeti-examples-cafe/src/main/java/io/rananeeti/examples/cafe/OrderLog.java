package io.rananeeti.examples.cafe;

import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happened to each order: one small file an order, {@code <directory>/ab/abcdef....log}.
 *
 * <p>It tells the guests' story and decides nothing: the platform's log and the database are the
 * truth. It survives the end of this process, not a power cut. Thread-safe.
 */
final class OrderLog {

  private static final Logger log = LoggerFactory.getLogger(OrderLog.class);

  private final Path directory;
  private final Clock clock;

  private OrderLog(Path directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Opens the directory, made if it is not there. */
  static OrderLog open(Path directory, Clock clock) throws IOException {
    return new OrderLog(Lines.directory(directory), clock);
  }

  /** Whether there is such an order. */
  boolean knows(String number) {
    return Files.exists(file(number));
  }

  /** Notes what happened. A note that can't be written is logged: an order never fails for it. */
  void note(String number, Kind kind, String detail) {
    try {
      Lines.directory(directory.resolve(number.substring(0, 2)));
      Lines.append(file(number), new OrderEvent(clock.instant(), kind, detail).line());
    } catch (IOException e) {
      log.warn("can't note {} of order {}: {}", kind, number, e.toString());
    }
  }

  /** All that happened, in order; nothing for an unknown number. */
  List<OrderEvent> events(String number) {
    try {
      return Lines.read(file(number)).stream()
          .map(OrderEvent::parse)
          .flatMap(Optional::stream)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the log of order " + number, e);
    }
  }

  private Path file(String number) {
    if (!OrderNumber.isNumber(number)) {
      throw new IllegalArgumentException("not an order's number: " + number);
    }
    return directory.resolve(number.substring(0, 2)).resolve(number + ".log");
  }
}
