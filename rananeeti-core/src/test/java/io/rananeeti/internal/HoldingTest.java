package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class HoldingTest {

  private static final LogRecord.Held HELD =
      new LogRecord.Held("orders", true, "ann", "upgrade", Instant.EPOCH);

  private final Holding holding = new Holding();

  HoldingTest() {}

  @Test
  void nothingBeginsWhileItIsHeld() throws Exception {
    assertThat(holding.work(() -> "done")).isEqualTo("done");
    holding.set(HELD);

    assertThatThrownBy(() -> holding.work(() -> "not done"))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.UNREACHABLE);
              assertThat(e).hasMessageContaining("held by ann: upgrade");
            });
    assertThat(holding.isAtWork()).isFalse();

    holding.set(null);
    assertThat(holding.work(() -> "done")).isEqualTo("done");
  }

  @Test
  void whatHasBegunIsAtWorkUntilItEndsHoweverThatIs() throws Exception {
    holding.act(() -> assertThat(holding.isAtWork()).isTrue());
    assertThatThrownBy(
            () ->
                holding.act(
                    () -> {
                      throw new StoreException(Failure.RETRY, "40001", "again", null);
                    }))
        .isInstanceOf(StoreException.class);

    assertThat(holding.isAtWork()).isFalse();
  }
}
