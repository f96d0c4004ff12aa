package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that orders again and again, never the same twice, and remembers what it was told. When
 * the cafe goes away it waits for the next one.
 */
final class OrderingClient implements Callable<List<OrderingClient.Attempt>> {

  private static final String LOCATION = "/orders/";

  /**
   * One order.
   *
   * @param name the name that it was for
   * @param people how many
   * @param message its message, which no other order has
   * @param cafe the cafe that was asked
   * @param start when, by {@link System#nanoTime()}
   * @param end when the answer came
   * @param number the order's number, null if it got an error
   * @param error what came instead of a number
   */
  record Attempt(
      String name,
      int people,
      String message,
      CafeProcess cafe,
      long start,
      long end,
      @Nullable String number,
      String error) {}

  private final int client;
  private final Supplier<CafeProcess> open;
  private final BooleanSupplier goesOn;
  private final List<Attempt> attempts = new ArrayList<>();

  OrderingClient(int client, Supplier<CafeProcess> open, BooleanSupplier goesOn) {
    this.client = client;
    this.open = open;
    this.goesOn = goesOn;
  }

  @Override
  public List<Attempt> call() throws Exception {
    while (goesOn.getAsBoolean()) {
      Attempt attempt = order(open.get());
      attempts.add(attempt);
      if (attempt.number() == null) {
        CafeProcess.await(
            "another cafe", () -> !goesOn.getAsBoolean() || open.get() != attempt.cafe());
      }
    }
    return attempts;
  }

  private Attempt order(CafeProcess cafe) {
    String name = "Gäst " + client;
    int people = 1 + attempts.size() % 9999;
    String message = client + "-" + attempts.size() + " <b>'\\ 🥐";
    String form =
        "Name=%s&People=%d&date=2030-05-17T19:30&Message=%s"
            .formatted(encoded(name), people, encoded(message));
    long start = System.nanoTime();
    String number = null;
    String error = "";
    try {
      HttpResponse<String> response = cafe.post("/order", form);
      String location = response.headers().firstValue("Location").orElse("");
      if (response.statusCode() == 302 && location.startsWith(LOCATION)) {
        number = location.substring(LOCATION.length(), location.length() - ".html".length());
      } else {
        error = "status " + response.statusCode();
      }
    } catch (Exception e) {
      error = e.toString();
    }
    return new Attempt(name, people, message, cafe, start, System.nanoTime(), number, error);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
