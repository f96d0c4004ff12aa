package io.rananeeti.examples.cafe;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The HTTP server of the cafe, on 127.0.0.1. */
final class WebServer implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final int THREADS = 64;
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private static final Duration IDLE_AT_STOP = Duration.ofMillis(100);

  private final Server server;
  private final ServerConnector connector;

  private WebServer(Server server, ServerConnector connector) {
    this.server = server;
    this.connector = connector;
  }

  /**
   * Takes the port, so that who comes now waits until {@link #start}. Port 0 is any that is free.
   *
   * @throws IOException if the port is in use
   */
  static WebServer bind(int port) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS);
    threads.setName("cafe-http");
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(HOST);
    connector.setPort(port);
    connector.setShutdownIdleTimeout(IDLE_AT_STOP.toMillis());
    server.addConnector(connector);
    server.setStopTimeout(STOP_LIMIT.toMillis());
    connector.open();
    return new WebServer(server, connector);
  }

  /** Begins to answer with these servlets, by the path that each stands for. */
  void start(Pages pages, Map<String, HttpServlet> servlets) {
    ServletContextHandler context = new ServletContextHandler("/");
    servlets.forEach((path, servlet) -> context.addServlet(holder(servlet), path));
    context.addFilter(
        new FilterHolder(new SameOriginFilter(pages)), "/*", EnumSet.of(DispatcherType.REQUEST));
    context.setErrorHandler(new ErrorPages(pages));
    server.setErrorHandler(new ErrorPages(pages));
    server.setHandler(new GracefulHandler(new SecurityHeaders(context)));
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server did not start", e);
    }
  }

  private static ServletHolder holder(HttpServlet servlet) {
    ServletHolder holder = new ServletHolder(servlet);
    holder.setAsyncSupported(true);
    return holder;
  }

  /** Where the cafe is. */
  URI address() {
    return URI.create("http://" + HOST + ":" + connector.getLocalPort() + "/");
  }

  /** Lets requests under way end, and takes no more. */
  @Override
  public void close() {
    connector.close();
    try {
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server did not stop", e);
    }
  }
}
