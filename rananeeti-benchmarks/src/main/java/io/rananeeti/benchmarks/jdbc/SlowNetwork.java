package io.rananeeti.benchmarks.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A way to the server on which everything is so long under way, in each direction. What was sent
 * without waiting travels together, as on a real network; the test kit's {@code FaultProxy} holds
 * back each request on its own, so that with it the BEGIN that the driver sends ahead of a
 * statement, and does not wait for, would cost a round trip of its own.
 *
 * <p>Round trips are counted as what they cost: each time a client speaks after it was answered.
 *
 * <p>Four daemon threads a connection. Thread-safe.
 */
final class SlowNetwork implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final InetSocketAddress server;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final LongAdder roundTrips = new LongAdder();
  private volatile long delayNanos;

  SlowNetwork(String host, int port) {
    server = new InetSocketAddress(host, port);
    try {
      listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How long what is sent from now on is under way in each direction. */
  void delay(Duration oneWay) {
    delayNanos = oneWay.toNanos();
  }

  long roundTrips() {
    return roundTrips.sum();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        // The listener is closed, or the server is gone: the client sees its connection end.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    sockets.add(client);
    Socket toServer = new Socket();
    sockets.add(toServer);
    try {
      toServer.connect(server);
      client.setTcpNoDelay(true);
      toServer.setTcpNoDelay(true);
    } catch (IOException e) {
      end(client);
      end(toServer);
      throw e;
    }
    Connection connection = new Connection(client, toServer);
    connection.start(client, toServer, true);
    connection.start(toServer, client, false);
  }

  private static void start(String name, Runnable body) {
    Thread thread = new Thread(body, "benchmark-network-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void end(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sockets.forEach(this::end);
    }
  }

  /** Bytes on their way, and when they arrive. The end of a stream has none. */
  private static final class Parcel {

    private final byte[] bytes;
    private final long due;

    Parcel(byte[] bytes, long due) {
      this.bytes = bytes;
      this.due = due;
    }

    boolean isEnd() {
      return bytes.length == 0;
    }
  }

  /** Both directions of one connection. */
  private final class Connection {

    private final Socket client;
    private final Socket toServer;
    private volatile boolean answered;

    Connection(Socket client, Socket toServer) {
      this.client = client;
      this.toServer = toServer;
    }

    void start(Socket from, Socket to, boolean requests) {
      BlockingQueue<Parcel> line = new LinkedBlockingQueue<>();
      SlowNetwork.start("in", () -> endAfter(() -> send(from.getInputStream(), line, requests)));
      SlowNetwork.start("out", () -> endAfter(() -> arrive(line, to.getOutputStream(), requests)));
    }

    private void send(InputStream in, BlockingQueue<Parcel> line, boolean requests)
        throws IOException, InterruptedException {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
        line.put(new Parcel(Arrays.copyOf(buffer, read), System.nanoTime() + delayNanos));
        if (requests && answered) {
          answered = false;
          roundTrips.increment();
        }
      }
      line.put(new Parcel(new byte[0], System.nanoTime() + delayNanos));
    }

    private void arrive(BlockingQueue<Parcel> line, OutputStream out, boolean requests)
        throws IOException, InterruptedException {
      for (Parcel next = line.take(); !next.isEnd(); next = line.take()) {
        for (long left = next.due - System.nanoTime();
            left > 0;
            left = next.due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        if (!requests) {
          answered = true;
        }
        out.write(next.bytes);
      }
      end(client);
      end(toServer);
    }

    private void endAfter(Body body) {
      try {
        body.run();
      } catch (IOException e) {
        end(client);
        end(toServer);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One direction's work. */
  private interface Body {
    void run() throws IOException, InterruptedException;
  }
}
