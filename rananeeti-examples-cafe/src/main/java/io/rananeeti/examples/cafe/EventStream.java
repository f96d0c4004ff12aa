package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Server-sent events to one client. Never blocks whoever sends: what the client does not take waits
 * here, and a client that lets more than {@value #LIMIT} events wait is dropped.
 *
 * <p>Thread-safe; the container's threads and the sender's meet behind a lock.
 */
final class EventStream implements WriteListener, AsyncListener {

  static final int LIMIT = 64;

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<byte[]> pending = new ArrayDeque<>();
  private final AsyncContext context;
  private final ServletOutputStream output;
  private boolean started;
  private boolean flushed = true;
  private boolean ending;
  private boolean closed;

  private EventStream(AsyncContext context, ServletOutputStream output) {
    this.context = context;
    this.output = output;
  }

  /** Begins to answer a request with events. */
  static EventStream begin(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setContentType("text/event-stream");
    response.setCharacterEncoding(UTF_8.name());
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Accel-Buffering", "no");
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    EventStream stream = new EventStream(context, response.getOutputStream());
    context.addListener(stream);
    stream.send("retry: 1000\n\n");
    stream.output.setWriteListener(stream);
    return stream;
  }

  /** Sends an event; lines of its data may be separated by line feeds. */
  void send(String name, String data) {
    send("event: " + name + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n");
  }

  /** Sends a comment, which shows whether the client is still there. */
  void beat() {
    send(": beat\n\n");
  }

  private void send(String text) {
    lock.lock();
    try {
      if (pending.size() >= LIMIT) {
        close();
        return;
      }
      pending.add(text.getBytes(UTF_8));
      write();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream once everything has been sent. */
  void end() {
    lock.lock();
    try {
      ending = true;
      write();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the client is gone, or was dropped, or has got everything. */
  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Drops the client. */
  void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        pending.clear();
        context.complete();
      }
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    if (!started || closed) {
      return;
    }
    try {
      while (!(pending.isEmpty() && flushed) && output.isReady()) {
        writeNext();
      }
    } catch (IOException e) {
      close();
      return;
    }
    if (ending && pending.isEmpty() && flushed) {
      close();
    }
  }

  private void writeNext() throws IOException {
    byte[] next = pending.poll();
    if (next != null) {
      output.write(next);
      flushed = false;
    } else {
      output.flush();
      flushed = true;
    }
  }

  @Override
  public void onWritePossible() {
    lock.lock();
    try {
      started = true;
      write();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable failure) {
    close();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    lock.lock();
    try {
      closed = true;
      pending.clear();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    close();
  }

  @Override
  public void onError(AsyncEvent event) {
    close();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}
}
