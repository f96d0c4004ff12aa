package io.rananeeti.examples.cafe;

import io.rananeeti.TransactionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which order an accepted transaction belongs to: the last {@value #LIMIT} of them, in memory and
 * in a file that is shortened at every start.
 *
 * <p>It links dead letters to orders and puts the time of application on the right page. What it
 * has forgotten costs an order nothing. Thread-safe.
 */
final class AcceptedOrders {

  static final int LIMIT = 20_000;
  private static final Logger log = LoggerFactory.getLogger(AcceptedOrders.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, String> numbers = new LinkedHashMap<>();
  private final Path file;

  private AcceptedOrders(Path file) {
    this.file = file;
  }

  /** Reads what the last process left, and shortens it. */
  static AcceptedOrders open(Path file) throws IOException {
    AcceptedOrders orders = new AcceptedOrders(file);
    List<String> lines = Lines.read(file);
    lines.forEach(orders::remember);
    if (lines.size() > LIMIT) {
      orders.shorten();
    }
    return orders;
  }

  private void remember(String line) {
    String[] words = line.split(" ", -1);
    if (words.length == 2 && OrderNumber.isNumber(words[1])) {
      remember(words[0], words[1]);
    }
  }

  private void remember(String id, String number) {
    numbers.put(id, number);
    if (numbers.size() > LIMIT) {
      numbers.remove(numbers.keySet().iterator().next());
    }
  }

  private void shorten() throws IOException {
    Path shorter = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(shorter);
    StringBuilder lines = new StringBuilder();
    numbers.forEach((id, number) -> lines.append(id).append(' ').append(number).append('\n'));
    if (!lines.isEmpty()) {
      Lines.append(shorter, lines.substring(0, lines.length() - 1));
    }
    Files.move(shorter, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Remembers that this transaction is this order's. */
  void add(TransactionId id, String number) {
    lock.lock();
    try {
      remember(id.toString(), number);
      Lines.append(file, id + " " + number);
    } catch (IOException e) {
      log.warn("can't note the transaction of order {}: {}", number, e.toString());
    } finally {
      lock.unlock();
    }
  }

  /** The order of a transaction, empty if it is not known any more. */
  Optional<String> number(TransactionId id) {
    lock.lock();
    try {
      return Optional.ofNullable(numbers.get(id.toString()));
    } finally {
      lock.unlock();
    }
  }
}
