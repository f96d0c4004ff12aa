package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The pages of the cafe that take orders, on a real HTTP server, over a book in memory. */
final class HttpCafe implements AutoCloseable {

  static final String FORM = "application/x-www-form-urlencoded";

  final List<Order> book = new CopyOnWriteArrayList<>();
  final LivePages live = new LivePages("test-live-pages");
  final OrderLog log;

  private final UUID incarnation = UUID.randomUUID();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
  private final WebServer web;
  private volatile @Nullable SQLException trouble;

  HttpCafe(Path directory, Map<String, HttpServlet> more) throws IOException {
    Clock clock = Clock.systemUTC();
    log = OrderLog.open(directory.resolve("orders"), clock);
    AcceptedOrders accepted = AcceptedOrders.open(directory.resolve("accepted"));
    OrderDesk desk = new OrderDesk(this::place, log, accepted, new NoEmulation(), clock);
    Pages pages = new Pages();
    Map<String, HttpServlet> servlets = new LinkedHashMap<>(more);
    servlets.put("", new HomeServlet(pages, desk));
    servlets.put("/order", new OrderServlet(pages, desk));
    servlets.put("/static/*", new AssetServlet());
    web = WebServer.bind(0);
    web.start(pages, servlets);
  }

  private Receipt place(Order order) throws SQLException {
    if (trouble != null) {
      throw trouble;
    }
    book.add(order);
    TransactionId id = new TransactionId(incarnation, book.size());
    return new Receipt(id, Receipt.Status.APPLIED, Instant.now());
  }

  /** Lets every order fail from now on. */
  void breakBook(SQLException failure) {
    trouble = failure;
  }

  URI uri(String path) {
    return web.address().resolve(path);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** Sends a form that is encoded already. */
  HttpResponse<String> order(String form, String... headers) throws Exception {
    HttpRequest.Builder request =
        request("/order").header("Content-Type", FORM).POST(BodyPublishers.ofString(form, UTF_8));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString(UTF_8));
  }

  @Override
  public void close() {
    live.close();
    web.close();
  }
}
