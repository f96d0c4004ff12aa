package io.rananeeti.examples.cafe;

import io.rananeeti.testkit.FaultProxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way from the platform to the database: through a fault proxy, which lets everything pass
 * unless an order asks for faults.
 *
 * <p>The proxy reads what passes, so it stands only where the connection need not be encrypted: in
 * front of one server on this machine, or of one whose URL says {@code sslmode=disable}. Any other
 * is reached directly, and faults are not offered.
 */
final class DatabaseRoute implements AutoCloseable {

  private static final Pattern ONE_HOST =
      Pattern.compile(
          "jdbc:postgresql://(?<host>[^/:,?\\[\\]]+|\\[[0-9a-fA-F:]+])(:(?<port>\\d{1,5}))?(?<rest>/.*)?");
  private static final Pattern ENCRYPTED =
      Pattern.compile("[?&](ssl=(?!false)|sslmode=(?!disable|allow|prefer))");
  private static final Pattern PLAIN = Pattern.compile("[?&]sslmode=disable(&|$)");
  private static final int DEFAULT_PORT = 5432;

  private final String url;
  private final @Nullable FaultProxy proxy;

  private DatabaseRoute(String url, @Nullable FaultProxy proxy) {
    this.url = url;
    this.proxy = proxy;
  }

  /** Opens the way to a database, which may be down. */
  static DatabaseRoute to(Database database) {
    Matcher url = ONE_HOST.matcher(database.url());
    if (!url.matches() || !mayBeRead(url.group("host"), database.url())) {
      return new DatabaseRoute(database.url(), null);
    }
    int port = Optional.ofNullable(url.group("port")).map(Integer::parseInt).orElse(DEFAULT_PORT);
    FaultProxy proxy = FaultProxy.inFrontOf(url.group("host"), port);
    String rest = Optional.ofNullable(url.group("rest")).orElse("/");
    return new DatabaseRoute("jdbc:postgresql://127.0.0.1:" + proxy.port() + rest, proxy);
  }

  private static boolean mayBeRead(String host, String url) {
    if (ENCRYPTED.matcher(url).find()) {
      return false;
    }
    return PLAIN.matcher(url).find() || isLoopback(host);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The JDBC URL that leads this way. */
  String url() {
    return url;
  }

  /** The faults that can be had on it. */
  Emulation emulation() {
    return proxy == null ? new NoEmulation() : new ProxyEmulation(proxy);
  }

  @Override
  public void close() {
    if (proxy != null) {
      proxy.close();
    }
  }
}
