package io.rananeeti.aurora.scenarios;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Knows when the machine itself stood still: when a force of one byte took long, or a thread that
 * has nothing else to do could not run. What is said of times does not hold then; all else does.
 */
final class Standstills implements AutoCloseable {

  private static final Duration LONG = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private record Span(long from, long to) {}

  private final Collection<Span> spans = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private Standstills(FileChannel file) {
    this.thread = new Thread(() -> watch(file), "standstills");
    thread.setDaemon(true);
    thread.start();
  }

  /** Watches the disk that this directory is on. */
  static Standstills watch(Path directory) throws IOException {
    return new Standstills(
        FileChannel.open(
            directory.resolve("standstills"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
  }

  private void watch(FileChannel file) {
    try (file) {
      boolean ended = false;
      while (!ended) {
        long from = System.nanoTime();
        file.write(ByteBuffer.wrap(new byte[] {1}), 0);
        file.force(true);
        ended = closed.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        long to = System.nanoTime();
        if (to - from > LONG.toNanos()) {
          spans.add(new Span(from, to));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it did while this was under way. */
  boolean during(Note note) {
    return spans.stream()
        .anyMatch(span -> span.from() - note.ended() < 0 && note.begun() - span.to() < 0);
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
