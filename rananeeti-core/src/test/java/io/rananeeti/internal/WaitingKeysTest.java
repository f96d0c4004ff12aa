package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class WaitingKeysTest {

  private final Set<Long> settled = new HashSet<>();

  @Test
  void findsAllPlacesOfAHashInTheirOrder() {
    WaitingKeys keys = new WaitingKeys(1_000, sequence -> !settled.contains(sequence));

    keys.add(7, 30);
    keys.add(7, 10);
    keys.add(8, 20);

    assertThat(keys.find(7)).containsExactly(10L, 30L);
    assertThat(keys.find(8)).containsExactly(20L);
    assertThat(keys.find(9)).isEmpty();
  }

  @Test
  void findsWhatWaitsThroughManyThatDoNot() {
    WaitingKeys keys = new WaitingKeys(1 << 16, sequence -> !settled.contains(sequence));
    Random random = new Random(3);
    TreeSet<Long> waiting = new TreeSet<>();

    for (long sequence = 1; sequence <= 200_000; sequence++) {
      assertThat(keys.add(hash(sequence), sequence)).isTrue();
      waiting.add(sequence);
      while (waiting.size() > 500 + random.nextInt(500)) {
        settled.add(waiting.pollFirst());
      }
    }

    assertThat(waiting).allSatisfy(each -> assertThat(keys.find(hash(each))).contains(each));
    assertThat(keys.size()).isLessThan(10_000);
  }

  @Test
  void takesNoMoreThanItsBoundUntilSomeAreSettled() {
    int most = 1_024;
    WaitingKeys keys = new WaitingKeys(most, sequence -> !settled.contains(sequence));
    long sequence = 1;
    while (keys.add(hash(sequence), sequence)) {
      sequence++;
    }

    assertThat(keys.size()).isEqualTo(most);
    assertThat(keys.find(hash(sequence))).doesNotContain(sequence);
    for (long each = 1; each <= most / 2; each++) {
      settled.add(each);
    }
    int tries = 0;
    while (!keys.add(hash(sequence), sequence)) {
      tries++;
    }
    assertThat(tries).isLessThan(most);
    assertThat(keys.find(hash(sequence))).contains(sequence);
    assertThat(keys.find(hash(most))).contains((long) most);
  }

  /** Neighbours have neighbouring hashes, and every other one the hash of another. */
  private static long hash(long sequence) {
    return sequence / 2;
  }
}
