package io.rananeeti.s3;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands before S3 and does to its requests what networks and busy services do: loses replies,
 * delivers late or twice, throttles, hangs, changes a byte. Each planned fault strikes one request.
 * A connection takes one request, whose bytes go on as they came, so that their signature holds.
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
    /** It is done, and once more when {@link #deliver} is called; the first answer is given. */
    DOUBLE,
    THROTTLE,
    FAIL,
    DENY,
    /** Its last byte is changed. */
    CORRUPT,
    /** Neither done nor answered until {@link #close}. */
    HANG
  }

  private static final int LONGEST_HEAD = 64 << 10;

  private final URI target;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Deque<Fault> planned = new ArrayDeque<>();
  private final Deque<byte[]> late = new ArrayDeque<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger struck = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Predicate<String> which = line -> true;
  private @Nullable Fault all;

  FaultyFront(URI target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    threads.execute(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  /** Which requests can be struck at all, by their first line; from now on these are counted. */
  void only(Predicate<String> firstLines) {
    which = firstLines;
    requests.set(0);
  }

  /** The next requests meet these, one each. */
  synchronized void plan(Fault... faults) {
    planned.addAll(List.of(faults));
  }

  /** All requests meet this until {@link #pass}. */
  synchronized void always(Fault fault) {
    all = fault;
  }

  synchronized void pass() {
    all = null;
    planned.clear();
  }

  int struck() {
    return struck.get();
  }

  /** Requests that could be struck. */
  int requests() {
    return requests.get();
  }

  /** Delivers what is late, and returns the statuses that it was answered. */
  List<Integer> deliver() throws IOException {
    List<Integer> answers = new ArrayList<>();
    for (byte[] sent = nextLate(); sent != null; sent = nextLate()) {
      String answer = new String(forward(sent), StandardCharsets.ISO_8859_1);
      answers.add(Integer.parseInt(answer.substring(9, 12)));
    }
    return answers;
  }

  private synchronized byte @Nullable [] nextLate() {
    return late.poll();
  }

  private synchronized void late(byte[] sent) {
    late.add(sent);
  }

  private synchronized @Nullable Fault fault(String firstLine) {
    if (!which.test(firstLine)) {
      return null;
    }
    requests.incrementAndGet();
    Fault fault = all == null ? planned.poll() : all;
    if (fault != null) {
      struck.incrementAndGet();
    }
    return fault;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        threads.execute(() -> serve(socket));
      } catch (IOException end) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      byte[] sent = read(socket.getInputStream(), socket.getOutputStream());
      if (sent.length == 0) {
        return;
      }
      Fault fault = fault(new String(sent, 0, Math.min(sent.length, 400), StandardCharsets.UTF_8));
      if (fault == null) {
        pass(sent, socket.getOutputStream()); // As it comes: objects may be larger than the heap.
        return;
      }
      byte[] answer = answer(fault, sent);
      if (answer.length == 0) {
        socket.setSoLinger(true, 0);
      } else {
        socket.getOutputStream().write(answer);
        socket.getOutputStream().flush();
      }
    } catch (IOException broken) {
      // As connections do.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private byte[] answer(Fault fault, byte[] sent) throws IOException, InterruptedException {
    return switch (fault) {
      case LOSE_REQUEST -> new byte[0];
      case LOSE_REPLY -> {
        forward(sent);
        yield new byte[0];
      }
      case DELIVER_LATE -> {
        late(sent);
        yield new byte[0];
      }
      case DOUBLE -> {
        late(sent);
        yield forward(sent);
      }
      case THROTTLE -> error(503, "SlowDown");
      case FAIL -> error(500, "InternalError");
      case DENY -> error(403, "AccessDenied");
      case CORRUPT -> {
        sent[sent.length - 1] ^= 1;
        yield forward(sent);
      }
      case HANG -> {
        closed.await();
        yield new byte[0];
      }
    };
  }

  private static byte[] error(int status, String code) {
    String body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>for secret/arn:aws:iam::1:user/x</Message></Error>"
            .formatted(code);
    return "HTTP/1.1 %d X\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
        .formatted(status, body.length(), body)
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * One request, with {@code Connection: close} in it; empty if there is none. Who waits with its
   * content until it is asked for, or five seconds long, is asked for it.
   */
  private static byte[] read(InputStream in, OutputStream back) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0 || head.size() > LONGEST_HEAD) {
        return new byte[0];
      }
      head.write(next);
      matched = next == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : next == '\r' ? 1 : 0;
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int length = 0;
    StringBuilder whole = new StringBuilder();
    for (String line : text.strip().lines().toList()) {
      if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) {
        length = Integer.parseInt(line.substring(15).strip());
      }
      if (line.regionMatches(true, 0, "Expect:", 0, 7)) {
        back.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        back.flush();
      } else if (!line.regionMatches(true, 0, "Connection:", 0, 11)) {
        whole.append(line).append("\r\n");
      }
    }
    whole.append("Connection: close\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(whole.toString().getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(in.readNBytes(length));
    return all.toByteArray();
  }

  private byte[] forward(byte[] sent) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    pass(sent, answer);
    return answer.toByteArray();
  }

  private void pass(byte[] sent, OutputStream back) throws IOException {
    try (Socket socket = new Socket(target.getHost(), target.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(sent);
      socket.getOutputStream().flush();
      socket.getInputStream().transferTo(back);
      back.flush();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    threads.shutdownNow();
  }
}
