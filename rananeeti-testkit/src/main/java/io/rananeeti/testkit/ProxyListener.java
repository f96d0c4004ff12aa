package io.rananeeti.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port of a loopback address on which clients are taken, one after another, in a thread of its
 * own.
 */
final class ProxyListener {

  private static final Logger log = LoggerFactory.getLogger(ProxyListener.class);

  private static final int BACKLOG = 128;
  private static final int PORT_ATTEMPTS = 5;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final ServerSocket socket;
  private final int port;
  private final Consumer<Socket> taker;
  private final CountDownLatch ended = new CountDownLatch(1);

  private ProxyListener(ServerSocket socket, Consumer<Socket> taker) {
    this.socket = socket;
    this.port = socket.getLocalPort();
    this.taker = taker;
  }

  /** Listens on a free port and gives each client to the taker. */
  static ProxyListener onSomePort(Executor executor, Consumer<Socket> taker) {
    for (int attempt = 1; ; attempt++) {
      try {
        return on(
            new InetSocketAddress(LoopbackPort.address(), LoopbackPort.free()), executor, taker);
      } catch (TestkitException e) {
        if (attempt == PORT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  static ProxyListener on(InetSocketAddress address, Executor executor, Consumer<Socket> taker) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(address, BACKLOG);
      ProxyListener listener = new ProxyListener(socket, taker);
      executor.execute(listener::take);
      return listener;
    } catch (IOException e) {
      throw new TestkitException(
          "the proxy cannot listen on " + address + ": end the program that does", e);
    }
  }

  private void take() {
    Thread.currentThread().setName("rananeeti-proxy-accept-" + port);
    try {
      while (!socket.isClosed()) {
        takeOne();
      }
    } finally {
      ended.countDown();
    }
  }

  private void takeOne() {
    try {
      Socket client = socket.accept();
      if (socket.isClosed()) {
        client.setSoLinger(true, 0);
        client.close();
      } else {
        taker.accept(client);
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        log.warn("the proxy on port {} cannot take a connection", port, e);
      }
    }
  }

  int port() {
    return port;
  }

  boolean isClosed() {
    return socket.isClosed();
  }

  /**
   * Closes the port and returns when nobody listens there: while a thread waits in accept, the
   * system still does.
   */
  void close() {
    try {
      socket.close();
      if (!ended.await(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TestkitException(
            "the proxy still listens on port " + port + " after " + CLOSE_LIMIT);
      }
    } catch (IOException e) {
      throw new TestkitException("the proxy cannot close port " + port, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TestkitException("interrupted while closing port " + port, e);
    }
  }
}
