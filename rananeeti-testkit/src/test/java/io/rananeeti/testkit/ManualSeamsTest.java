package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.internal.time.Waiter;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class ManualSeamsTest {

  private final ManualSeams seams = new ManualSeams(1);
  private final Waiter waiter = seams.newWaiter();

  @Test
  void standsStillUntilItIsTicked() {
    Instant now = seams.now();
    long nanoTime = seams.nanoTime();

    assertThat(seams.now()).isEqualTo(now);
    seams.tick(Duration.ofMillis(5));

    assertThat(seams.now()).isEqualTo(now.plusMillis(5));
    assertThat(seams.nanoTime()).isEqualTo(nanoTime + 5_000_000);
    assertThatIllegalArgumentException().isThrownBy(() -> seams.tick(Duration.ofNanos(-1)));
  }

  @Test
  void letsAWaitEndAtItsDeadlineInVirtualTime() throws InterruptedException {
    AtomicBoolean held = new AtomicBoolean(true);
    CountDownLatch waiting = new CountDownLatch(1);
    long deadline = Deadline.after(seams, Duration.ofHours(1));
    Seams.Running running = seams.start("waits", () -> held.set(await(deadline, waiting)));

    waiting.await();
    seams.tick(Duration.ofMinutes(59));
    assertThat(running.join(seams.nanoTime())).isFalse();
    seams.tick(Duration.ofMinutes(1));

    assertThat(running.join(Deadline.NEVER)).isTrue();
    assertThat(held).isFalse();
  }

  @Test
  void keepsWhatItsThreadsThrow() throws InterruptedException {
    Seams.Running running =
        seams.start(
            "fails",
            () -> {
              throw new IllegalStateException("on purpose");
            });

    assertThat(running.join(Deadline.NEVER)).isTrue();
    assertThat(seams.failures()).singleElement().asString().contains("on purpose");
  }

  @Test
  void drawsTheSameFromTheSameSeed() {
    assertThat(new ManualSeams(7).random().nextLong())
        .isEqualTo(new ManualSeams(7).random().nextLong());
  }

  private boolean await(long deadline, CountDownLatch waiting) {
    waiter.lock();
    try {
      return waiter.await(
          () -> {
            waiting.countDown();
            return false;
          },
          deadline);
    } catch (InterruptedException interrupt) {
      throw new IllegalStateException(interrupt);
    } finally {
      waiter.unlock();
    }
  }
}
