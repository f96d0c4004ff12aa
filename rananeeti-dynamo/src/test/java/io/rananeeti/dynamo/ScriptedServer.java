package io.rananeeti.dynamo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An HTTP server on 127.0.0.1 that does what it was told for each request, in order. */
final class ScriptedServer implements AutoCloseable {

  private enum Kind {
    ANSWER,
    END,
    SILENCE
  }

  private record Step(Kind kind, int status, UnaryOperator<String> body) {}

  private final ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final BlockingQueue<Step> script = new LinkedBlockingQueue<>();
  private final AtomicInteger requests = new AtomicInteger();

  ScriptedServer() throws IOException {
    start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  int requests() {
    return requests.get();
  }

  void answer(int status, String body) {
    script.add(new Step(Kind.ANSWER, status, request -> body));
  }

  /** An error whose body is made from the request's. */
  void answer(UnaryOperator<String> body) {
    script.add(new Step(Kind.ANSWER, 400, body));
  }

  /** Reads the request, then ends the connection without a word. */
  void endAfterRequest() {
    script.add(new Step(Kind.END, 0, request -> ""));
  }

  void neverAnswer() {
    script.add(new Step(Kind.SILENCE, 0, request -> ""));
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }

  private static void start(Runnable body) {
    Thread thread = new Thread(body, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        start(() -> serve(socket));
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      for (String body = request(socket); body != null; body = request(socket)) {
        requests.incrementAndGet();
        Step step = script.poll();
        if (step == null || step.kind == Kind.END) {
          return;
        }
        if (step.kind == Kind.SILENCE) {
          socket.getInputStream().read();
          return;
        }
        reply(socket, step.status, step.body.apply(body));
      }
    } catch (IOException gone) {
      // The client has ended it.
    }
  }

  private static @Nullable String request(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.write(next);
    }
    int length =
        head.toString(StandardCharsets.ISO_8859_1)
            .lines()
            .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
            .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
            .findFirst()
            .orElse(0);
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static void reply(Socket socket, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %d Said\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, bytes.length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }
}
