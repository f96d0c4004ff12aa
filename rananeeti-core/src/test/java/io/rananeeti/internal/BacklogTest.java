package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.internal.time.Deadline;
import io.rananeeti.internal.time.Seams;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class BacklogTest {

  private static final Instant THEN = Instant.EPOCH;
  private static final Duration STALL = Duration.ofMinutes(1);

  private final Seams seams = Seams.system();
  private final Backlog backlog = new Backlog(seams);

  @Test
  void everythingThatNobodyHasSeenYetWaits() {
    assertThat(backlog.first()).isEqualTo(1);
    assertThat(backlog.waits(1)).isTrue();
    assertThat(backlog.waits(1_000_000)).isTrue();
  }

  @Test
  void whatWasPassedDoesNotWaitAndWhatWasSeenDoes() {
    backlog.passed(1);
    backlog.found(2, THEN);
    backlog.passed(3);

    assertThat(backlog.waits(1)).isFalse();
    assertThat(backlog.waits(2)).isTrue();
    assertThat(backlog.waits(3)).isFalse();
    assertThat(backlog.waits(4)).isTrue();
    assertThat(backlog.first()).isEqualTo(2);
    assertThat(backlog.count()).isEqualTo(1);
  }

  @Test
  void whatIsSettledWaitsNoMoreAndCountsOnce() {
    backlog.found(1, THEN);
    backlog.found(2, THEN);

    backlog.settled(1, true);
    backlog.settled(1, true);

    assertThat(backlog.count()).isEqualTo(1);
    assertThat(backlog.first()).isEqualTo(2);
    assertThat(backlog.oldest()).isEqualTo(THEN);
    backlog.settled(2, false);
    assertThat(backlog.count()).isZero();
    assertThat(backlog.oldest()).isNull();
    assertThat(backlog.first()).isEqualTo(3);
  }

  @Test
  void anAppendThatFailedIsNotExpectedAnyMore() {
    backlog.expect(THEN);
    assertThat(backlog.oldest()).isEqualTo(THEN);

    backlog.unexpect();

    assertThat(backlog.count()).isZero();
    assertThat(backlog.oldest()).isNull();
  }

  @Test
  void aLogThatBeginsFarAboveOneCostsNoBits() {
    backlog.passed(5_000_000_000L);
    backlog.found(5_000_000_001L, THEN);

    assertThat(backlog.first()).isEqualTo(5_000_000_001L);
    assertThat(backlog.waits(1)).isFalse();
  }

  @Test
  void trimmingForgetsOnlyWhatIsSettled() {
    for (long i = 1; i <= 200_000; i++) {
      backlog.found(i, THEN);
    }
    for (long i = 1; i <= 150_000; i++) {
      backlog.settled(i, true);
    }

    backlog.trim(backlog.first());

    assertThat(backlog.first()).isEqualTo(150_001);
    assertThat(backlog.count()).isEqualTo(50_000);
    assertThat(backlog.waits(150_000)).isFalse();
    assertThat(backlog.waits(150_001)).isTrue();
    assertThat(backlog.waits(200_000)).isTrue();
    backlog.settled(150_001, true);
    assertThat(backlog.first()).isEqualTo(150_002);
  }

  @Test
  void whoWaitsForTheEndIsWokenByTheLastOne() throws Exception {
    backlog.found(1, THEN);
    AtomicBoolean drained = new AtomicBoolean();
    Seams.Running waiting =
        seams.start(
            "waits",
            () -> {
              try {
                drained.set(backlog.awaitSettledBelow(2, Deadline.after(seams, STALL)));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    backlog.settled(1, true);

    assertThat(waiting.join(Deadline.after(seams, STALL))).isTrue();
    assertThat(drained).isTrue();
    assertThat(backlog.awaitSettledBelow(99, Deadline.after(seams, Duration.ZERO))).isTrue();
  }

  @Test
  void whoWaitsForWhatIsParkedBehindIsToldAtTheDeadline() throws Exception {
    backlog.found(1, THEN);
    backlog.found(2, THEN);
    backlog.settled(2, true);

    assertThat(backlog.awaitSettledBelow(3, Deadline.after(seams, Duration.ZERO))).isFalse();
    assertThat(backlog.awaitSettledBelow(1, Deadline.after(seams, Duration.ZERO))).isTrue();
  }
}
