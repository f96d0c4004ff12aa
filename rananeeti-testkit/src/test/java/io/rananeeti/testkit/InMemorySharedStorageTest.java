package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.testkit.InMemorySharedStorage.Fate;
import io.rananeeti.testkit.InMemorySharedStorage.Weather;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemorySharedStorageTest extends SharedLogStorageContract {

  private static final String PARTITION = "p";
  private static final byte[] TEA = {1};
  private static final byte[] MATE = {2};

  private final ManualSeams seams = new ManualSeams(1);
  private final InMemorySharedStorage shared = new InMemorySharedStorage(Seams.system());
  private final InMemorySharedStorage timed = new InMemorySharedStorage(seams);

  @Override
  protected SharedLogStorage open() {
    return shared.node("any");
  }

  @Test
  void isOutOfReachOfOneNodeOnly() throws IOException {
    SharedLogStorage a = shared.node("a");
    SharedLogStorage b = shared.node("b");
    shared.unreachable("a", true);

    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 1, 0, TEA));
    assertThat(b.write(PARTITION, 1, 0, MATE)).isTrue();
    shared.unreachable("a", false);
    assertThat(bytes(a, 1)).isEqualTo(MATE);
    shared.unreachable(true);
    assertThatIOException().isThrownBy(() -> b.read(PARTITION, 1));
  }

  @Test
  void losesTheReplyOfAWriteThatIsDoneOrNot() throws IOException {
    SharedLogStorage a = shared.node("a");
    shared.loseReply("a", Fate.DONE);
    shared.loseReply("a", Fate.LOST);

    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 1, 0, TEA));
    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 2, 0, TEA));

    assertThat(bytes(a, 1)).isEqualTo(TEA);
    assertThat(a.read(PARTITION, 2)).isNull();
  }

  @Test
  void doesALateWriteAfterLaterCallsAndOnlyIfItsConditionHoldsThen() throws IOException {
    SharedLogStorage a = shared.node("a");
    SharedLogStorage b = shared.node("b");
    shared.loseReply("a", Fate.LATE);
    shared.loseReply("a", Fate.LATE);
    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 1, 0, TEA));
    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 2, 0, TEA));
    assertThat(b.read(PARTITION, 1)).isNull();
    assertThat(b.write(PARTITION, 2, 0, MATE)).isTrue();

    shared.deliverLate();

    assertThat(bytes(b, 1)).isEqualTo(TEA);
    assertThat(bytes(b, 2)).isEqualTo(MATE);
  }

  @Test
  void doesALateWriteByItselfOnceItsTimeHasCome() throws IOException {
    SharedLogStorage a = timed.node("a");
    timed.weather(new Weather(0, Duration.ZERO, Duration.ofSeconds(5)), new Random(3));
    timed.loseReply("a", Fate.LATE);
    assertThatIOException().isThrownBy(() -> a.write(PARTITION, 1, 0, TEA));
    assertThat(a.read(PARTITION, 1)).isNull();

    seams.tick(Duration.ofSeconds(5));

    assertThat(bytes(a, 1)).isEqualTo(TEA);
  }

  @Test
  void hasTheSameWeatherFromTheSameSeed() {
    List<String> first = stormy(11);
    assertThat(stormy(11)).isEqualTo(first);
    assertThat(stormy(12)).isNotEqualTo(first);
    assertThat(first).contains("lost", "true", "false");
  }

  private static List<String> stormy(long seed) {
    InMemorySharedStorage storage = new InMemorySharedStorage(new ManualSeams(seed));
    storage.weather(new Weather(0.4, Duration.ZERO, Duration.ofSeconds(1)), new Random(seed));
    SharedLogStorage a = storage.node("a");
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      try {
        seen.add("" + a.write(PARTITION, i / 3, 0, TEA));
      } catch (IOException lost) {
        seen.add("lost");
      }
    }
    return seen;
  }

  private static byte[] bytes(SharedLogStorage storage, long key) throws IOException {
    return Objects.requireNonNull(storage.read(PARTITION, key), "value").bytes();
  }
}
