package io.rananeeti.dynamo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands before DynamoDB and does to its requests what networks and busy services do: loses
 * replies, delivers late or twice, throttles, hangs. Each planned fault strikes one request.
 */
final class FaultyFront implements AutoCloseable {

  /** What becomes of a request. */
  enum Fault {
    /** It never arrives, and the connection breaks. */
    LOSE_REQUEST,
    /** It is done, and the connection breaks before the answer. */
    LOSE_REPLY,
    /** The connection breaks; it is done when {@link #deliver} is called, as from a network. */
    DELIVER_LATE,
    /** It is done twice, and the second answer is given. */
    DOUBLE,
    THROTTLE,
    FAIL,
    DENY,
    /** Neither done nor answered until {@link #close}. */
    HANG
  }

  private static final String THROTTLED =
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\",\"message\":\"slow down\"}";

  /** Last or first of its neighbours, it takes its comma along. */
  private static final String TOKEN =
      ",\"ClientRequestToken\":\"[^\"]*\"|\"ClientRequestToken\":\"[^\"]*\",";

  private static final String DENIED =
      "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:1:table/x\"}";

  static {
    // Or else each answer waits 40 ms for the client's acknowledgement of its first half.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final URI target;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Deque<Fault> planned = new ArrayDeque<>();
  private final Deque<Sent> late = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger struck = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private Predicate<String> which = operation -> operation.equals("TransactWriteItems");
  private @Nullable Fault all;
  private String held = "";
  private volatile boolean forgetsTokens;

  FaultyFront(URI target) {
    this.target = target;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The next requests of these that write meet these, one each. */
  synchronized void plan(Fault... faults) {
    planned.addAll(List.of(faults));
  }

  /** All requests meet this until {@link #pass}. */
  synchronized void always(Fault fault) {
    which = operation -> true;
    all = fault;
  }

  /** Of those whose operation this holds for. */
  synchronized void always(Fault fault, Predicate<String> operations) {
    which = operations;
    all = fault;
  }

  /** Of those whose body holds this text, such as a table's name. */
  synchronized void always(Fault fault, String holding) {
    always(fault);
    held = holding;
  }

  synchronized void pass() {
    all = null;
    held = "";
    which = operation -> operation.equals("TransactWriteItems");
    planned.clear();
  }

  /** As if each request came more than the 10 minutes later for which DynamoDB knows its token. */
  void forgetTokens() {
    forgetsTokens = true;
  }

  int struck() {
    return struck.get();
  }

  /** Transactional writes that came, faults or not. */
  int requests() {
    return requests.get();
  }

  /** Delivers what is late, and returns how many that were. */
  int deliver() throws IOException {
    int count = 0;
    for (Sent sent = nextLate(); sent != null; sent = nextLate()) {
      forward(sent);
      count++;
    }
    return count;
  }

  private synchronized @Nullable Sent nextLate() {
    return late.poll();
  }

  private record Sent(Map<String, List<String>> headers, String body) {}

  private record Answer(int status, String body, @Nullable String checksum) {}

  private synchronized @Nullable Fault fault(String operation, String body) {
    if (!which.test(operation) || !body.contains(held)) {
      return null;
    }
    Fault fault = all == null ? planned.poll() : all;
    if (fault != null) {
      struck.incrementAndGet();
    }
    return fault;
  }

  private synchronized void late(Sent sent) {
    late.add(sent);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Sent sent =
          new Sent(exchange.getRequestHeaders(), body(exchange.getRequestBody().readAllBytes()));
      String operation =
          Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("X-Amz-Target"), "")
              .replaceFirst(".*\\.", "");
      if (operation.equals("TransactWriteItems")) {
        requests.incrementAndGet();
      }
      Fault fault = fault(operation, sent.body());
      if (fault == null) {
        answer(exchange, forward(sent));
        return;
      }
      switch (fault) {
        case LOSE_REQUEST -> {}
        case LOSE_REPLY -> forward(sent);
        case DELIVER_LATE -> late(sent);
        case DOUBLE -> {
          forward(sent);
          answer(exchange, forward(sent));
        }
        case THROTTLE -> answer(exchange, new Answer(400, THROTTLED, null));
        case DENY -> answer(exchange, new Answer(400, DENIED, null));
        case FAIL -> answer(exchange, new Answer(500, "{}", null));
        case HANG -> closed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String body(byte[] sent) {
    String text = new String(sent, StandardCharsets.UTF_8);
    return forgetsTokens ? text.replaceFirst(TOKEN, "") : text;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Answer forward(Sent sent) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setReadTimeout(20_000);
    sent.headers()
        .forEach(
            (name, values) -> {
              if (!name.equalsIgnoreCase("Host") && !name.equalsIgnoreCase("Content-length")) {
                connection.setRequestProperty(name, values.get(0));
              }
            });
    byte[] whole = bytes(sent.body());
    connection.setFixedLengthStreamingMode(whole.length);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(whole);
    }
    int status = connection.getResponseCode();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      in.transferTo(body);
    }
    return new Answer(
        status, body.toString(StandardCharsets.UTF_8), connection.getHeaderField("x-amz-crc32"));
  }

  private static void answer(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
    if (answer.checksum() != null) {
      exchange.getResponseHeaders().set("x-amz-crc32", answer.checksum());
    }
    byte[] whole = bytes(answer.body());
    exchange.sendResponseHeaders(answer.status(), whole.length);
    exchange.getResponseBody().write(whole);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
