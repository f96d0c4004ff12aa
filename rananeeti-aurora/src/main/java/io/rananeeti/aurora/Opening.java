package io.rananeeti.aurora;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is being opened on a thread of its own: nobody waits longer for it than he
 * wants, whatever parks that thread (the AWS wrapper waits for a failover inside its calls), and
 * who looks again later finds it further on. One that nobody takes for a few seconds is closed. One
 * thread awaits; any may abandon.
 */
final class Opening {

  /** How long a connection that nobody waited for is kept. */
  private static final long KEPT_SECONDS = 3;

  /** What opens it. */
  @FunctionalInterface
  interface Source {
    Physical open() throws SQLException;
  }

  private final CompletableFuture<Physical> result = new CompletableFuture<>();
  private final CountDownLatch taken = new CountDownLatch(1);
  private final AtomicBoolean owned = new AtomicBoolean();
  private final Runnable unattended;
  private volatile boolean attended = true;

  private Opening(Runnable unattended) {
    this.unattended = unattended;
  }

  /** Begins. The action runs if it ends, either way, after somebody has waited in vain for it. */
  static Opening start(Source source, Runnable unattended) {
    Opening opening = new Opening(unattended);
    Thread thread = new Thread(() -> opening.run(source), "rananeeti-open");
    thread.setDaemon(true);
    thread.start();
    return opening;
  }

  private void run(Source source) {
    try {
      Physical opened = source.open();
      if (!result.complete(opened)) {
        opened.abort();
        return;
      }
      tell();
      if (!taken.await(KEPT_SECONDS, TimeUnit.SECONDS)) {
        abandon();
      }
    } catch (SQLException | RuntimeException | Error e) {
      result.completeExceptionally(e);
      tell();
    } catch (InterruptedException e) {
      abandon();
    }
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
      Physical opened = result.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (!owned.compareAndSet(false, true)) {
        throw givenUp();
      }
      taken.countDown();
      return opened;
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

  private static SQLException givenUp() {
    return new SQLTransientConnectionException("the attempt to connect was given up", "08001");
  }

  /**
   * Ends the waiting for it; a connection that is or will be there is closed, unless somebody has
   * taken it. Its thread is not interrupted: the AWS wrapper would try on and on without a pause.
   */
  void abandon() {
    attended = true;
    taken.countDown();
    boolean first = result.completeExceptionally(givenUp());
    if (!first && !result.isCompletedExceptionally() && owned.compareAndSet(false, true)) {
      result.join().abort();
    }
  }
}
