package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Calls the storage again and again while it can't be reached, with growing and random pauses, for
 * as long as the log's patience lasts. Interrupts of the caller neither stop it nor are lost.
 * Thread-safe.
 */
final class Persistence {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration AT_THE_END = Duration.ofSeconds(5);

  private final Seams seams;
  private final Waiter waiter;
  private final String stream;
  private final Duration patience;
  private volatile long closesAt = Deadline.NEVER;
  private volatile @Nullable String trouble;

  Persistence(Seams seams, String stream, Duration patience) {
    this.seams = seams;
    this.waiter = seams.newWaiter();
    this.stream = stream;
    this.patience = patience;
  }

  /** What may be done again after a failure. */
  interface Call<T> {
    T run() throws IOException;
  }

  /** What keeps calls from their answers at the moment, null if nothing. */
  @Nullable String trouble() {
    return trouble;
  }

  /** The log closes: what is under way has a few seconds yet. */
  void close() {
    waiter.lock();
    try {
      closesAt = Math.min(closesAt, Deadline.after(seams, AT_THE_END));
      waiter.signalAll();
    } finally {
      waiter.unlock();
    }
  }

  /**
   * The answer of a call.
   *
   * @throws LogFailedException if the patience is over
   */
  <T> T answer(Call<T> call) {
    boolean interrupted = Thread.interrupted();
    long deadline = deadline();
    try {
      for (int attempt = 0; ; attempt++) {
        try {
          T answer = call.run();
          trouble = null;
          return answer;
        } catch (IOException failure) {
          interrupted |= Thread.interrupted();
          trouble = "the shared log %s can't be reached: %s".formatted(stream, message(failure));
          if (!within(deadline)) {
            throw ended(failure);
          }
        }
        interrupted |= pause(attempt, deadline);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private long deadline() {
    long now = seams.nanoTime();
    Duration longest = Duration.ofNanos(Deadline.NEVER - now);
    return patience.compareTo(longest) < 0 ? now + patience.toNanos() : Deadline.NEVER;
  }

  private boolean within(long deadline) {
    return seams.nanoTime() < Math.min(deadline, closesAt);
  }

  /** Whether it was interrupted. */
  private boolean pause(int attempt, long deadline) {
    long most = Math.min(FIRST_PAUSE.toNanos() << Math.min(attempt, 10), LONGEST_PAUSE.toNanos());
    long until = seams.nanoTime() + most / 2 + seams.random().nextLong(most / 2);
    waiter.lock();
    try {
      waiter.await(() -> !within(deadline), Math.min(until, Math.min(deadline, closesAt)));
      return false;
    } catch (InterruptedException interrupt) {
      return true;
    } finally {
      waiter.unlock();
    }
  }

  private LogFailedException ended(IOException failure) {
    return new LogFailedException(
        "the shared log %s could not be reached for %s: %s"
            .formatted(stream, patience, message(failure)),
        failure);
  }

  private static String message(IOException failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}
