package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.TransactionId;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class IdsTest {

  private final Ids ids = new Ids(UUID.randomUUID());

  @Test
  void numbersGrowFromOneWithinTheIncarnation() {
    assertThat(ids.next()).isEqualTo(new TransactionId(ids.incarnation(), 1));
    assertThat(ids.unused()).isEqualTo(new TransactionId(ids.incarnation(), 2));
    assertThat(ids.next()).isEqualTo(new TransactionId(ids.incarnation(), 3));
  }

  @Test
  void theFirstOpenNumberIsTheOldestThatSomebodyWorksOn() {
    assertThat(ids.firstOpen()).isEqualTo(1);
    TransactionId first = ids.next();
    TransactionId second = ids.next();
    assertThat(ids.firstOpen()).isEqualTo(1);

    ids.closed(second);
    assertThat(ids.firstOpen()).isEqualTo(1);

    ids.closed(first);
    assertThat(ids.firstOpen()).isEqualTo(3);
  }

  @Test
  void anIdThatDidNothingIsNeverOpen() {
    TransactionId unused = ids.unused();

    assertThat(ids.isOpen(unused)).isFalse();
    assertThat(ids.isToCome(unused)).isFalse();
    assertThat(ids.firstOpen()).isEqualTo(2);
  }

  @Test
  void anIdOfAnotherIncarnationIsNeitherOpenNorToCome() {
    ids.next();
    TransactionId foreign = new TransactionId(UUID.randomUUID(), 1);

    assertThat(ids.isOpen(foreign)).isFalse();
    assertThat(ids.isToCome(new TransactionId(foreign.incarnation(), 99))).isFalse();
    assertThat(ids.isToCome(new TransactionId(ids.incarnation(), 2))).isTrue();
    assertThat(ids.isToCome(new TransactionId(ids.incarnation(), 1))).isFalse();
  }

  @Test
  void theLastOpenIdIsClosedWhileTheFirstOneIsAskedFor() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Thread committer =
        new Thread(
            () -> {
              while (!over.get()) {
                ids.closed(ids.next());
              }
            });
    committer.start();
    try {
      long before = 0;
      for (int i = 0; i < 200_000; i++) {
        long first = ids.firstOpen();
        assertThat(first).isGreaterThanOrEqualTo(before);
        before = first;
      }
    } finally {
      over.set(true);
      committer.join();
    }
  }
}
