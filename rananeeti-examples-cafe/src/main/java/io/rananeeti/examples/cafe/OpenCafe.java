package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import io.rananeeti.error.RananeetiException;
import io.rananeeti.testkit.TestkitException;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All of the cafe, put together; closed from the door inwards. */
final class OpenCafe implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OpenCafe.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CafeSettings settings;
  private final Clock clock = Clock.systemUTC();
  private final Pages pages = new Pages();
  private final Map<String, HttpServlet> servlets = new LinkedHashMap<>();
  private final WebServer web;

  private OpenCafe(CafeSettings settings) {
    this.settings = settings;
    this.web = add(bind(settings.port()));
  }

  /**
   * Opens the cafe.
   *
   * @throws CafeException if that can't be
   */
  static OpenCafe open(CafeSettings settings) {
    OpenCafe cafe = new OpenCafe(settings);
    Runtime.getRuntime().addShutdownHook(new Thread(cafe::close, "cafe-close"));
    cafe.lock.lock();
    try {
      cafe.open();
      return cafe;
    } catch (RuntimeException | IOException e) {
      cafe.close();
      throw e instanceof CafeException known ? known : explained(e);
    } finally {
      cafe.lock.unlock();
    }
  }

  private static CafeException explained(Exception e) {
    if (e instanceof TestkitException
        || e instanceof RananeetiException
        || e instanceof IOException) {
      return new CafeException("The cafe can't open: " + e.getMessage(), e);
    }
    log.error("the cafe can't open", e);
    return new CafeException("The cafe can't open, see its log: " + e, e);
  }

  private static WebServer bind(int port) {
    try {
      return WebServer.bind(port);
    } catch (IOException e) {
      throw new CafeException(
          "Port %d of 127.0.0.1 can't be used (%s): name another one with --port."
              .formatted(port, e.getMessage()),
          e);
    }
  }

  private void open() throws IOException {
    DataDirectory data = add(DataDirectory.open(settings.data()));
    OrderLog orderLog = OrderLog.open(data.orders(), clock);
    AcceptedOrders accepted = AcceptedOrders.open(data.orders().resolve("accepted"));
    Database database = add(database(data.postgres()));
    DatabaseRoute route = add(DatabaseRoute.to(database));
    ReceiptsSettings ofReceipts = settings.receipts();
    Receipts receipts = ofReceipts == null ? null : add(Receipts.open(ofReceipts, data.receipts()));
    Schema schema = add(new Schema(database, receipts != null));
    DataPlatform platform =
        add(
            CafePlatform.open(
                database,
                route.url(),
                data.log(),
                settings.sharedLog(),
                receipts,
                schema,
                new OrderListener(orderLog, accepted)));
    Orders orders = new Orders(platform, settings.sharedLog() != null, receipts != null);
    OrderDesk desk = new OrderDesk(orders, orderLog, accepted, route.emulation(), clock);
    OrderTruth truth = new OrderTruth(platform, orderLog, new StoredOrders(platform));
    Outage outage = add(new Outage(platform, desk, orderLog, accepted, clock));
    servlets.put("/orders/*", new OrderPageServlet(pages, truth, orderLog, receipts != null));
    if (receipts != null) {
      servlets.put("/receipts/*", new ReceiptServlet(pages, platform, receipts));
    }
    serve(desk, orderLog, truth, outage, database);
  }

  private Database database(Path directory) {
    OwnDatabase own = settings.database();
    return own == null ? EmbeddedDatabase.start(directory) : own;
  }

  private void serve(
      OrderDesk desk, OrderLog orderLog, OrderTruth truth, Outage outage, Database database)
      throws IOException {
    parts.remove(web);
    add(web);
    LivePages orderNews = add(new LivePages("cafe-order-news"));
    LivePages outageNews = add(new LivePages("cafe-outage-news"));
    servlets.put("", new HomeServlet(pages, desk));
    servlets.put("/order", new OrderServlet(pages, desk));
    servlets.put("/events/orders/*", new OrderEventsServlet(pages, truth, orderLog, orderNews));
    servlets.put("/outage", new OutageServlet(pages, outage, database.powerSwitch()));
    servlets.put("/outage/dead-letters", new DeadLettersServlet(pages, outage));
    servlets.put(
        "/events/outage",
        new OutageEventsServlet(pages, outage, database.powerSwitch(), outageNews));
    servlets.put("/health", new HealthServlet(outage));
    servlets.put("/static/*", new AssetServlet());
    web.start(pages, servlets);
  }

  private <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  /** Where the cafe is. */
  URI address() {
    return web.address();
  }

  /** Waits until the cafe is closed. */
  void awaitClosed() throws InterruptedException {
    closed.await();
  }

  /** Closes all, also while it is still being opened: then once that is done. */
  @Override
  public void close() {
    lock.lock();
    try {
      while (!parts.isEmpty()) {
        close(parts.pop());
      }
    } finally {
      lock.unlock();
      closed.countDown();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.warn("{} could not be closed", part.getClass().getSimpleName(), e);
    }
  }
}
