package io.rananeeti.internal.log;

import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether the log may take another transaction. Measures the disk again after {@value
 * #BYTES_BETWEEN} bytes or a second, and at every question while the answer is no.
 *
 * <p>Content beside the log counts with it. {@link #admit} is called under the lock of the log's
 * writer; the rest by any thread.
 */
final class SpaceGuard {

  private static final long BYTES_BETWEEN = 1 << 20;
  private static final Duration TIME_BETWEEN = Duration.ofSeconds(1);
  private static final String NO_SPACE =
      "no space for the log on its disk (%s); free some, what was accepted is safe";
  private static final String CANNOT_GROW =
      "the log can't grow (%s); mend that, what was accepted is safe";

  private static final String NO_FILES = "Too many open files";

  private final LogStorage storage;
  private final LogLimits limits;
  private final Seams seams;

  private volatile @Nullable String full;
  private volatile @Nullable Throwable cause;
  private volatile long measuredAt;
  private volatile String refusal = "";
  private volatile long refusedAt;
  private volatile long freeWhenRefused = -1;
  private final AtomicLong beside = new AtomicLong();
  private long bytesSince = BYTES_BETWEEN;

  SpaceGuard(LogStorage storage, LogLimits limits, Seams seams) {
    this.storage = storage;
    this.limits = limits;
    this.seams = seams;
  }

  /**
   * Takes note of so many bytes to come.
   *
   * @throws LogFullException if they are too many
   */
  void admit(int bytes) {
    bytesSince += bytes;
    if (bytesSince >= BYTES_BETWEEN) {
      measure();
      bytesSince = 0;
    }
    String reason = full();
    if (reason != null) {
      throw new LogFullException(reason, cause);
    }
  }

  /**
   * Counts so many bytes to be written beside the log, from now on; by any thread.
   *
   * @param measured whether the disk is to be looked at
   * @throws LogFullException if they are too many; they don't count then
   */
  void admitBeside(int bytes, boolean measured) {
    beside.addAndGet(bytes);
    if (measured) {
      measure();
    }
    String reason = full();
    if (reason != null) {
      beside.addAndGet(-bytes);
      throw new LogFullException(reason, cause);
    }
  }

  /** Counts bytes that are beside the log, or are no longer there. */
  void foundBeside(long bytes) {
    beside.addAndGet(bytes);
  }

  /** Bytes beside the log. */
  long beside() {
    return beside.get();
  }

  /** What is beside the log could not be written, whatever was measured. */
  LogFullException noSpace(IOException failure) {
    return new LogFullException(NO_SPACE.formatted(failure.getMessage()), failure);
  }

  /**
   * The storage found no space, whatever was measured: it is asked again once more is free, or
   * after a second.
   */
  LogFullException refusedBy(IOException storageIsFull) {
    String message = String.valueOf(storageIsFull.getMessage());
    boolean known = storageIsFull instanceof NoSuchFileException || message.contains(NO_FILES);
    String reason = (known ? CANNOT_GROW : NO_SPACE).formatted(message);
    cause = storageIsFull;
    refusal = reason;
    full = reason;
    refusedAt = seams.nanoTime();
    freeWhenRefused = freeOrMost();
    return new LogFullException(reason, storageIsFull);
  }

  /** Why nothing is taken, null if something is. */
  @Nullable String full() {
    if (full != null || olderThanASecond(measuredAt)) {
      measure();
    }
    return full;
  }

  private void measure() {
    measuredAt = seams.nanoTime();
    try {
      String reason = reason(storage.size() + beside.get(), storage.free());
      cause = reason == null ? null : cause;
      full = reason;
    } catch (IOException unknown) {
      full =
          "the space left for the log can't be measured, so it takes nothing: %s; look whether its directory is where it was"
              .formatted(unknown);
      cause = unknown;
    }
  }

  private boolean olderThanASecond(long moment) {
    return seams.nanoTime() - moment >= TIME_BETWEEN.toNanos();
  }

  private long freeOrMost() {
    try {
      return storage.free();
    } catch (IOException unknown) {
      return Long.MAX_VALUE;
    }
  }

  private @Nullable String reason(long size, long free) {
    if (free <= freeWhenRefused && !olderThanASecond(refusedAt)) {
      return refusal;
    }
    freeWhenRefused = -1;
    if (size > limits.maxBytes()) {
      return "the log is full: bytes=%d maxBytes=%d; it shrinks as soon as its stores are back"
          .formatted(size, limits.maxBytes());
    }
    if (free < limits.freeFloor()) {
      return "the disk of the log is nearly full: free=%d freeFloor=%d; free some space"
          .formatted(free, limits.freeFloor());
    }
    return null;
  }
}
