package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/**
 * Orders for some tables, never the same twice, one after another: the next once the answer to the
 * one before is there, or will not come. Each order goes to any of the nodes, and its name is the
 * table, by which orders are kept in order.
 */
final class TableClient implements Callable<Void> {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SELDOM = 8;
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  /**
   * An order.
   *
   * @param table for which
   * @param message its message, which no other order has
   * @param node who was asked
   * @param at when
   * @param start when, by {@link System#nanoTime()}
   * @param end when the answer came, or was given up
   * @param isTaken whether it was promised; if not, it may have been taken all the same
   * @param answer what came
   */
  record Order(
      String table,
      String message,
      CafeNode node,
      Instant at,
      long start,
      long end,
      boolean isTaken,
      String answer) {}

  private final List<String> tables;
  private final List<CafeNode> nodes;
  private final Random random;
  private final BooleanSupplier goesOn;
  private final ConcurrentLinkedQueue<Order> orders;
  private int count;

  /**
   * A client.
   *
   * @param tables for which no other client orders
   * @param orders where it notes its orders
   */
  TableClient(
      List<String> tables,
      List<CafeNode> nodes,
      Random random,
      BooleanSupplier goesOn,
      ConcurrentLinkedQueue<Order> orders) {
    this.tables = tables;
    this.nodes = nodes;
    this.random = random;
    this.goesOn = goesOn;
    this.orders = orders;
  }

  @Override
  public Void call() throws Exception {
    while (goesOn.getAsBoolean()) {
      orders.add(order(tables.get(random.nextInt(tables.size())), nextNode()));
    }
    return null;
  }

  /** Seldom one that does not work: what it has not read yet it may take later. */
  private CafeNode nextNode() throws Exception {
    boolean any = random.nextInt(SELDOM) == 0;
    CafeProcess.await(
        "a node works",
        () -> any || !goesOn.getAsBoolean() || nodes.stream().anyMatch(this::works));
    List<CafeNode> choice = any ? nodes : nodes.stream().filter(this::works).toList();
    List<CafeNode> from = choice.isEmpty() ? nodes : choice;
    return from.get(random.nextInt(from.size()));
  }

  private boolean works(CafeNode node) {
    return node.state() == CafeNode.State.RUNNING;
  }

  private Order order(String table, CafeNode node) throws Exception {
    String message = table + " " + ++count;
    final boolean isPatient = random.nextInt(SELDOM) == 0;
    final URI address = node.orders();
    final Instant at = Instant.now();
    final long start = System.nanoTime();
    CompletableFuture<HttpResponse<String>> answer =
        HTTP.sendAsync(request(address, table, message), BodyHandlers.ofString(UTF_8));
    CafeProcess.await(
        "an answer",
        () -> answer.isDone() || (!isPatient && !works(node)) || !address.equals(node.orders()));
    boolean came = answer.isDone();
    String text = came ? answer.handle(TableClient::text).join() : "given up";
    answer.cancel(true);
    return new Order(
        table, message, node, at, start, System.nanoTime(), came && text.equals("302"), text);
  }

  private static HttpRequest request(URI address, String table, String message) {
    String form =
        "Name=%s&People=4&date=2030-05-17T19:30&Message=%s"
            .formatted(URLEncoder.encode(table, UTF_8), URLEncoder.encode(message, UTF_8));
    return HttpRequest.newBuilder(address)
        .timeout(PATIENCE)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(form, UTF_8))
        .build();
  }

  private static String text(HttpResponse<String> response, Throwable failure) {
    return response == null ? failure.toString() : Integer.toString(response.statusCode());
  }
}
