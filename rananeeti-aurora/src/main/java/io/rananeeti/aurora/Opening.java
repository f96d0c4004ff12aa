package io.rananeeti.aurora;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is being opened on a thread of its own: nobody waits longer for it than he
 * wants, whatever parks that thread (the AWS wrapper waits for a failover inside its calls), and
 * who looks again later finds it further on. One thread awaits; any may abandon.
 */
final class Opening {

  /** What opens it. */
  @FunctionalInterface
  interface Source {
    Physical open() throws SQLException;
  }

  private final CompletableFuture<Physical> result = new CompletableFuture<>();
  private final Thread thread;
  private final Runnable unattended;
  private volatile boolean attended = true;

  private Opening(Source source, Runnable unattended) {
    this.unattended = unattended;
    thread = new Thread(() -> run(source), "rananeeti-open");
    thread.setDaemon(true);
  }

  /** Begins. The action runs if it ends, either way, after somebody has waited in vain for it. */
  static Opening start(Source source, Runnable unattended) {
    Opening opening = new Opening(source, unattended);
    opening.thread.start();
    return opening;
  }

  private void run(Source source) {
    try {
      Physical opened = source.open();
      if (!result.complete(opened)) {
        opened.abort();
      }
    } catch (SQLException | RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
    tell();
  }

  private void tell() {
    if (!attended) {
      unattended.run();
    }
  }

  /**
   * The connection, null if it is still being opened when the time is over.
   *
   * @throws SQLException if it can't be opened, was abandoned, or the waiting was interrupted; it
   *     is abandoned then
   */
  @Nullable Physical await(long end) throws SQLException {
    attended = true;
    try {
      return result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      attended = false;
      if (result.isDone()) {
        tell();
      }
      return null;
    } catch (InterruptedException e) {
      abandon();
      Thread.currentThread().interrupt();
      throw new SQLTransientConnectionException("interrupted while connecting", "08001", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  private static SQLException failure(@Nullable Throwable cause) {
    if (cause instanceof SQLException sql) {
      return sql;
    }
    return new SQLTransientConnectionException("could not connect: " + cause, "08001", cause);
  }

  /** Ends the waiting for it; a connection that is or will be there is closed. */
  void abandon() {
    attended = true;
    boolean first =
        result.completeExceptionally(
            new SQLTransientConnectionException("the attempt to connect was given up", "08001"));
    if (!first && !result.isCompletedExceptionally()) {
      result.join().abort();
    }
    thread.interrupt();
  }
}
