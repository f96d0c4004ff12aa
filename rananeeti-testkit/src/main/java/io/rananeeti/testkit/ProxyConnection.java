package io.rananeeti.testkit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection through a {@link FaultProxy}, and the server's connection that belongs to
 * it.
 *
 * <p>Two threads own it. The <em>client's</em> reads requests, strikes with faults, and forwards;
 * it alone writes to the server. The <em>server's</em> reads replies until the server ends, and
 * alone writes to the client. Either side, and the proxy, may cut the client's connection at any
 * time; replies are then read and dropped, so that the server is not held up by them. Whoever is
 * done with the server ends it by a half-close: the server finishes what it got, closes, and the
 * server's thread thereby knows that all is done.
 *
 * <p>Replies are told apart by ReadyForQuery, one for the start-up and one for each Query, Sync and
 * FunctionCall.
 */
final class ProxyConnection {

  private static final Logger log = LoggerFactory.getLogger(ProxyConnection.class);

  private static final int CANCEL_REQUEST = 80_877_102;
  private static final int SSL_REQUEST = 80_877_103;
  private static final int GSS_ENCRYPTION_REQUEST = 80_877_104;
  private static final byte NO_ENCRYPTION = 'N';
  private static final byte ENCRYPTION = 'S';
  private static final char READY_FOR_QUERY = 'Z';
  private static final char BACKEND_KEY_DATA = 'K';
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  private final FaultProxy proxy;
  private final Socket client;
  private final Socket server = new Socket();

  /** Owned by the client's thread. */
  private boolean encrypted;

  private volatile boolean clientGone;
  private volatile boolean serverGone;
  private volatile boolean connected;
  private volatile int backendPid;

  /**
   * Owned by the client's thread: the number of ReadyForQuery that the server owes for what was
   * forwarded.
   */
  private long sent;

  /** Owned by the server's thread: the number of ReadyForQuery that came. */
  private long answered;

  /** Owned by the server's thread: the last reply that was delayed. */
  private long delayed = -1;

  /** Replies from this number on do not pass. */
  private volatile long swallowedFrom = Long.MAX_VALUE;

  private volatile @Nullable Strike strike;

  ProxyConnection(FaultProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  private static DataInputStream buffered(InputStream in) {
    return new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
  }

  /** The client's thread. */
  void serveClient() {
    try {
      client.setTcpNoDelay(true);
      DataInputStream in = buffered(client.getInputStream());
      FrontendReader requests = new FrontendReader(in);
      if (startUp(requests)) {
        serveRequests(requests);
      } else if (encrypted) {
        relay(in, server.getOutputStream());
      }
      finishServer();
    } catch (IOException e) {
      log.debug("connection of client port {} ends: {}", client.getPort(), e.toString());
      resetClient();
      finishServer();
      concludeStrike(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end();
    } finally {
      if (!connected) {
        resetClient();
        closeQuietly(server);
        proxy.forget(this);
      }
    }
  }

  /** Forwards the start of the connection. Returns whether requests follow. */
  private boolean startUp(FrontendReader requests) throws IOException, InterruptedException {
    byte[] start = requests.readStart();
    while (start != null && asksForEncryption(start)) {
      proxy.gate().pass(this::isClientGone);
      if (code(start) == SSL_REQUEST && proxy.passesEncryption() && offerEncryption(start)) {
        return false;
      }
      client.getOutputStream().write(NO_ENCRYPTION);
      start = requests.readStart();
    }
    if (start == null) {
      return false;
    }
    proxy.gate().pass(this::isClientGone);
    connectToServer();
    serveReplies(this::serveReplies);
    boolean requestsFollow = code(start) != CANCEL_REQUEST;
    sent += requestsFollow ? 1 : 0;
    server.getOutputStream().write(start);
    return requestsFollow;
  }

  private static boolean asksForEncryption(byte[] start) {
    int code = code(start);
    return code == SSL_REQUEST || code == GSS_ENCRYPTION_REQUEST;
  }

  private static int code(byte[] start) {
    return ByteBuffer.wrap(start).getInt(Integer.BYTES);
  }

  /**
   * Hands a request for encryption on. Returns whether the server agreed, so that nothing of what
   * follows can be read; if not, the same connection goes on in the clear.
   */
  private boolean offerEncryption(byte[] start) throws IOException {
    connectToServer();
    server.getOutputStream().write(start);
    if (server.getInputStream().read() != ENCRYPTION) {
      return false;
    }
    encrypted = true;
    client.getOutputStream().write(ENCRYPTION);
    serveReplies(this::relayReplies);
    return true;
  }

  private void connectToServer() throws IOException {
    if (!server.isConnected()) {
      server.connect(proxy.server(), (int) CONNECT_LIMIT.toMillis());
      server.setTcpNoDelay(true);
    }
  }

  private void serveReplies(Runnable side) throws IOException {
    connected = true;
    proxy.serve("replies-" + client.getPort(), side);
  }

  /** Either thread: passes bytes as they come, to the end of the stream. */
  private void relay(InputStream in, OutputStream out) throws IOException, InterruptedException {
    byte[] bytes = new byte[BUFFER_BYTES];
    for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
      proxy.gate().pass(this::isClientGone);
      out.write(bytes, 0, length);
    }
  }

  /** The server's thread of an encrypted connection. */
  private void relayReplies() {
    boolean inOrder = false;
    try {
      relay(server.getInputStream(), client.getOutputStream());
      inOrder = true;
    } catch (IOException e) {
      log.debug("encrypted client port {} ends: {}", client.getPort(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      serverEnded(inOrder);
    }
  }

  private void serveRequests(FrontendReader requests) throws IOException, InterruptedException {
    for (List<FrontendMessage> request = requests.readRequest();
        !request.isEmpty();
        request = requests.readRequest()) {
      proxy.traffic().count(request);
      proxy.gate().pass(this::isClientGone);
      proxy.gate().linger(proxy.gate().toServer(), this::isClientGone);
      if (isCutBy(request)) {
        return;
      }
      forward(request);
    }
  }

  /** Lets faults strike at a request. Returns whether one of them has ended the connection. */
  private boolean isCutBy(List<FrontendMessage> request) throws IOException, InterruptedException {
    proxy.announce(this, request);
    for (int index = 0; index < request.size(); index++) {
      Fault fault = proxy.faultAt(this, request.get(index));
      if (fault == null) {
        continue;
      }
      log.debug("{} strikes client port {}", fault, client.getPort());
      if (fault.verb() != Fault.Verb.HANG) {
        carryOut(new Strike(fault), request, index);
        return true;
      }
      hang(fault);
    }
    return false;
  }

  /** Whoever waits at the gate meanwhile, on any connection, goes on with this one. */
  private void hang(Fault fault) throws InterruptedException {
    proxy.gate().hang(true);
    fault.recordTriggered();
    try {
      proxy.gate().linger(fault.delay(), fault::isReleased);
    } finally {
      proxy.gate().hang(false);
    }
    fault.recordOutcome(true);
  }

  private void carryOut(Strike struck, List<FrontendMessage> request, int index)
      throws IOException, InterruptedException {
    strike = struck;
    switch (struck.fault.verb()) {
      case RESET -> {
        strike = null;
        struck.trigger();
        end();
        struck.conclude(true);
      }
      case CUT_BEFORE -> cut(struck, request.subList(0, index));
      case CUT_AFTER -> cut(struck, request.subList(0, index + 1));
      case LOSE_REPLY -> loseReply(struck, request);
      case DELIVER_LATE -> deliverLate(struck, request);
      case HANG -> throw new IllegalStateException("a hang ends no connection");
    }
  }

  private void cut(Strike struck, List<FrontendMessage> delivered) throws IOException {
    swallowedFrom = 0;
    struck.forward(delivered);
    struck.trigger();
    resetClient();
    finishServer();
  }

  /** The server's thread does the rest, at the end of the reply. */
  private void loseReply(Strike struck, List<FrontendMessage> request) throws IOException {
    FrontendMessage last = request.get(request.size() - 1);
    boolean nextReply = last.isAnswered() || last.type() == 'H';
    struck.atFirstByte = !last.isAnswered();
    swallowedFrom = sent + (nextReply ? 1 : 0);
    struck.forward(request);
  }

  private void deliverLate(Strike struck, List<FrontendMessage> request)
      throws IOException, InterruptedException {
    struck.trigger();
    resetClient();
    proxy.gate().linger(struck.fault.delay(), () -> serverGone || struck.fault.isReleased());
    struck.forward(request);
    finishServer();
  }

  private void forward(List<FrontendMessage> request) throws IOException {
    OutputStream out = new BufferedOutputStream(server.getOutputStream(), BUFFER_BYTES);
    for (FrontendMessage message : request) {
      message.writeTo(out);
      sent += message.isAnswered() ? 1 : 0;
    }
    out.flush();
  }

  /** The server's thread. */
  private void serveReplies() {
    boolean inOrder = false;
    try {
      OutputStream toClient = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
      DataInputStream in = buffered(server.getInputStream());
      for (int type = in.read(); type >= 0; type = in.read()) {
        reply((char) type, in, toClient);
      }
      inOrder = true;
    } catch (IOException e) {
      log.debug(
          "the server ends the connection of client port {}: {}", client.getPort(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      serverEnded(inOrder);
    }
  }

  private void reply(char type, DataInputStream in, OutputStream toClient)
      throws IOException, InterruptedException {
    int length = in.readInt();
    ByteBuffer message = ByteBuffer.allocate(1 + length).put((byte) type).putInt(length);
    in.readFully(message.array(), HEADER_BYTES, length - Integer.BYTES);
    if (type == BACKEND_KEY_DATA) {
      backendPid = message.getInt(HEADER_BYTES);
    }
    boolean swallowed = answered + 1 >= swallowedFrom;
    if (!swallowed) {
      pass(message.array(), toClient, in.available() == 0);
    }
    answered += type == READY_FOR_QUERY ? 1 : 0;
    if (swallowed) {
      concludeLostReply(type == READY_FOR_QUERY);
    }
  }

  private void pass(byte[] message, OutputStream toClient, boolean last)
      throws InterruptedException {
    proxy.gate().pass(this::isClientGone);
    if (delayed != answered) {
      delayed = answered;
      proxy.gate().linger(proxy.gate().toClient(), this::isClientGone);
    }
    if (clientGone) {
      return;
    }
    try {
      toClient.write(message);
      if (last) {
        toClient.flush();
      }
    } catch (IOException e) {
      log.debug("the client of port {} is gone: {}", client.getPort(), e.toString());
      resetClient();
      finishServer();
    }
  }

  private void concludeLostReply(boolean complete) {
    Strike struck = strike;
    if (struck == null
        || struck.fault.verb() != Fault.Verb.LOSE_REPLY
        || !(complete || struck.atFirstByte)) {
      return;
    }
    struck.trigger();
    resetClient();
    struck.conclude(true);
    finishServer();
  }

  private void serverEnded(boolean inOrder) {
    serverGone = true;
    proxy.gate().wake();
    if (inOrder && swallowedFrom == Long.MAX_VALUE) {
      closeClient();
    } else {
      resetClient();
    }
    closeQuietly(server);
    Strike struck = strike;
    concludeStrike(inOrder && struck != null && struck.forwarded);
    proxy.forget(this);
  }

  private void concludeStrike(boolean delivered) {
    Strike struck = strike;
    if (struck != null) {
      struck.conclude(delivered);
    }
  }

  /** Ends both connections by a reset. */
  void end() {
    resetClient();
    reset(server);
  }

  private void resetClient() {
    clientGone = true;
    reset(client);
    proxy.gate().wake();
  }

  private void closeClient() {
    clientGone = true;
    closeQuietly(client);
    proxy.gate().wake();
  }

  /** Tells the server that nothing more comes. It finishes what it got, and closes. */
  private void finishServer() {
    try {
      if (connected && !server.isClosed() && !server.isOutputShutdown()) {
        server.shutdownOutput();
      }
    } catch (IOException e) {
      log.debug("the server is gone: {}", e.toString());
      closeQuietly(server);
    }
  }

  private static void reset(Socket socket) {
    try {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException e) {
      log.debug("a connection ended before its reset: {}", e.toString());
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("a connection could not be closed: {}", e.toString());
    }
  }

  boolean isClientGone() {
    return clientGone;
  }

  /** Whether both sides are there. */
  boolean isOpen() {
    return connected && !clientGone && !serverGone;
  }

  int clientPort() {
    return client.getPort();
  }

  FaultProxy.Link link() {
    return new FaultProxy.Link(client.getPort(), server.getLocalPort(), backendPid);
  }

  /**
   * A fault on its way through this connection. Each of its two ends is told once, and that it
   * struck before the client can know.
   */
  private final class Strike {

    final Fault fault;
    volatile boolean forwarded;
    volatile boolean atFirstByte;
    private boolean triggered;
    private boolean concluded;

    Strike(Fault fault) {
      this.fault = fault;
    }

    void forward(List<FrontendMessage> messages) throws IOException {
      if (serverGone) {
        throw new IOException("the server ended before the request was delivered");
      }
      forwarded = true;
      ProxyConnection.this.forward(messages);
    }

    synchronized void trigger() {
      if (!triggered) {
        triggered = true;
        fault.recordTriggered();
      }
    }

    synchronized void conclude(boolean delivered) {
      trigger();
      if (!concluded) {
        concluded = true;
        fault.recordOutcome(delivered);
      }
    }
  }
}
