package io.rananeeti.aurora.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/**
 * The sockets of physical connections, which note each time that the server says something. The
 * driver makes one by its name ({@code socketFactory}) with the key of a {@link Pulse} ({@code
 * socketFactoryArg}). A key that is no longer known, such as one that a monitor of the AWS wrapper
 * has copied, makes sockets that nobody listens to. TLS lies above them.
 */
public final class PulseSockets extends SocketFactory {

  private static final Map<String, Pulse> EXPECTED = new ConcurrentHashMap<>();

  private final Pulse pulse;

  /** Called by the driver, with its property {@code socketFactoryArg}. */
  public PulseSockets(String key) {
    pulse = EXPECTED.getOrDefault(key, new Pulse());
  }

  /** Lets the sockets that are made with the key returned beat this pulse, until it is revoked. */
  public static String expect(Pulse pulse) {
    String key = UUID.randomUUID().toString();
    EXPECTED.put(key, pulse);
    return key;
  }

  /** Forgets a key; sockets that were made with it go on to beat. */
  public static void revoke(String key) {
    EXPECTED.remove(key);
  }

  @Override
  public Socket createSocket() {
    return BeatingSocket.of(pulse);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(0));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(0));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
  }

  private Socket connected(InetSocketAddress server, InetSocketAddress local) throws IOException {
    Socket socket = createSocket();
    try {
      socket.bind(local);
      socket.connect(server);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Beats whenever something is read from it. */
  private static final class BeatingSocket extends Socket {

    private final Pulse pulse;

    BeatingSocket(Pulse pulse) {
      this.pulse = pulse;
    }

    /** A pulse stops the last socket that it was given: the driver tries one after another. */
    static Socket of(Pulse pulse) {
      Socket socket = new BeatingSocket(pulse);
      pulse.of(socket);
      return socket;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new BeatingStream(super.getInputStream(), pulse);
    }
  }

  private static final class BeatingStream extends FilterInputStream {

    private final Pulse pulse;

    BeatingStream(InputStream in, Pulse pulse) {
      super(in);
      this.pulse = pulse;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      if (read >= 0) {
        pulse.beat();
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        pulse.beat();
      }
      return read;
    }
  }
}
