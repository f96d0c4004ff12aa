package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SharedLogStorage} must do while nothing is wrong. Extend it and give the
 * storage under test. Each test has partitions and counters of its own, so that a storage that is
 * there already is good enough.
 */
public abstract class SharedLogStorageContract {

  private final String partition = "contract/" + UUID.randomUUID();
  private SharedLogStorage storage;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init")
  protected SharedLogStorageContract() {}

  /** Opens the storage once more, on the same values; several are open at the same time. */
  protected abstract SharedLogStorage open();

  @BeforeEach
  final void openStorage() {
    storage = open();
  }

  @AfterEach
  final void closeStorage() {
    storage.close();
  }

  @Test
  final void hasNothingAtFirst() throws IOException {
    assertThat(storage.read(partition, 1)).isNull();
    assertThat(storage.list(partition, Long.MIN_VALUE, 10)).isEmpty();
  }

  @Test
  final void readsWhatWasWritten() throws IOException {
    assertThat(storage.write(partition, 7, 0, bytes("tea"))).isTrue();

    assertValue(storage.read(partition, 7), 7, 1, "tea");
    assertThat(storage.read(partition, 8)).isNull();
  }

  @Test
  final void showsEveryNodeWhatAnyHasWritten() throws IOException {
    try (SharedLogStorage other = open()) {
      assertThat(storage.write(partition, 1, 0, bytes("tea"))).isTrue();
      assertValue(other.read(partition, 1), 1, 1, "tea");
      assertThat(other.write(partition, 1, 1, bytes("mate"))).isTrue();
      assertValue(storage.read(partition, 1), 1, 2, "mate");
      assertThat(other.remove(partition, 1, 2)).isTrue();
      assertThat(storage.read(partition, 1)).isNull();
    }
  }

  @Test
  final void writesOnlyOverTheVersionThatWasNamed() throws IOException {
    assertThat(storage.write(partition, 1, 1, bytes("none to be over"))).isFalse();
    assertThat(storage.write(partition, 1, 0, bytes("first"))).isTrue();
    assertThat(storage.write(partition, 1, 0, bytes("not first"))).isFalse();
    assertThat(storage.write(partition, 1, 2, bytes("too early"))).isFalse();
    assertValue(storage.read(partition, 1), 1, 1, "first");

    for (int version = 1; version < 5; version++) {
      assertThat(storage.write(partition, 1, version, bytes("over " + version))).isTrue();
      assertThat(storage.write(partition, 1, version, bytes("again"))).isFalse();
    }
    assertValue(storage.read(partition, 1), 1, 5, "over 4");
  }

  @Test
  final void refusesTheSameBytesASecondTime() throws IOException {
    assertThat(storage.write(partition, 1, 0, bytes("tea"))).isTrue();
    assertThat(storage.write(partition, 1, 0, bytes("tea"))).isFalse();
  }

  @Test
  final void removesOnlyTheVersionThatWasNamed() throws IOException {
    assertThat(storage.remove(partition, 1, 1)).isFalse();
    storage.write(partition, 1, 0, bytes("a"));
    storage.write(partition, 1, 1, bytes("b"));

    assertThat(storage.remove(partition, 1, 1)).isFalse();
    assertValue(storage.read(partition, 1), 1, 2, "b");
    assertThat(storage.remove(partition, 1, 2)).isTrue();
    assertThat(storage.remove(partition, 1, 2)).isFalse();

    assertThat(storage.write(partition, 1, 0, bytes("anew"))).isTrue();
    assertValue(storage.read(partition, 1), 1, 1, "anew");
  }

  @Test
  final void listsInTheOrderOfTheKeys() throws IOException {
    long[] keys = {10, 9, Long.MAX_VALUE, 0, -3, 100, Long.MIN_VALUE, 2};
    for (long key : keys) {
      assertThat(storage.write(partition, key, 0, bytes("value " + key))).isTrue();
    }
    Arrays.sort(keys);

    assertThat(storage.list(partition, Long.MIN_VALUE, 100))
        .extracting(Value::key)
        .containsExactly(Arrays.stream(keys).boxed().toArray(Long[]::new));
    assertThat(storage.list(partition, 3, 2)).extracting(Value::key).containsExactly(9L, 10L);
    assertThat(storage.list(partition, 9, 1)).extracting(Value::key).containsExactly(9L);
    assertValue(storage.list(partition, 101, 5).get(0), Long.MAX_VALUE, 1, "value " + (-1L >>> 1));
  }

  @Test
  final void listsLargeValuesInSeveralRequestsAndSkipsNone() throws IOException {
    byte[] large = new byte[storage.maxBytes()];
    for (int key = 1; key <= 5; key++) {
      Arrays.fill(large, (byte) key);
      assertThat(storage.write(partition, key, 0, large)).isTrue();
    }

    long next = 1;
    for (List<Value> page = storage.list(partition, next, 100);
        !page.isEmpty();
        page = storage.list(partition, next, 100)) {
      for (Value value : page) {
        assertThat(value.key()).isEqualTo(next);
        assertThat(value.bytes()).hasSize(large.length).containsOnly((byte) next);
        next++;
      }
    }
    assertThat(next).isEqualTo(6);
  }

  @Test
  final void keepsPartitionsApart() throws IOException {
    List<String> names =
        List.of(
            partition, partition + "/", partition + "/a", partition + "/A", "\u00e4" + partition);
    for (String name : names) {
      assertThat(storage.read(name, 1)).isNull();
      assertThat(storage.write(name, 1, 0, bytes(name))).isTrue();
    }

    for (String name : names) {
      assertThat(storage.list(name, 0, 10)).hasSize(1);
      assertValue(storage.read(name, 1), 1, 1, name);
    }
  }

  @Test
  final void takesAnythingFromNothingToItsLimit() throws IOException {
    assertThat(storage.maxBytes()).isGreaterThanOrEqualTo(1_024);
    assertThat(storage.write(partition, 1, 0, new byte[0])).isTrue();
    assertValue(storage.read(partition, 1), 1, 1, "");
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    assertThat(storage.write(partition, 2, 0, all)).isTrue();
    assertThat(Objects.requireNonNull(storage.read(partition, 2)).bytes()).isEqualTo(all);
    byte[] tooLarge = new byte[storage.maxBytes() + 1];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> storage.write(partition, 3, 0, tooLarge))
        .withMessageContaining("too large");
    assertThat(storage.read(partition, 3)).isNull();
  }

  @Test
  final void isNotMovedByWhatItsCallerDoesWithTheBytesAfterwards() throws IOException {
    byte[] bytes = bytes("tea");
    storage.write(partition, 1, 0, bytes);
    bytes[0] = 'x';

    assertValue(storage.read(partition, 1), 1, 1, "tea");
  }

  @Test
  final void letsOneOfManyWritersWin() throws Exception {
    int writers = 8;
    int keys = 5;
    AtomicInteger[] won = new AtomicInteger[keys];
    Arrays.setAll(won, key -> new AtomicInteger());
    concurrently(
        writers,
        (mine, number) -> {
          for (int key = 0; key < keys; key++) {
            if (mine.write(partition, key, 0, bytes("writer " + number))) {
              won[key].incrementAndGet();
            }
          }
        });

    assertThat(won).extracting(AtomicInteger::get).containsOnly(1);
  }

  @Test
  final void losesNoneOfManyChangesOfOneValue() throws Exception {
    int writers = 4;
    int each = 10;
    assertThat(storage.write(partition, 1, 0, bytes("0"))).isTrue();
    concurrently(
        writers,
        (mine, number) -> {
          for (int done = 0; done < each; ) {
            Value value = Objects.requireNonNull(mine.read(partition, 1));
            long next = Long.parseLong(text(value)) + 1;
            if (mine.write(partition, 1, value.version(), bytes(Long.toString(next)))) {
              done++;
            }
          }
        });

    assertValue(storage.read(partition, 1), 1, 1 + writers * each, "" + writers * each);
  }

  @Test
  final void countsWithoutGapsOrDoublesFromManyThreads() throws Exception {
    int threads = 4;
    int each = 20;
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    concurrently(
        threads,
        (mine, number) -> {
          for (int i = 0; i < each; i++) {
            seen.add(mine.add(partition, 1));
          }
        });

    Set<Long> distinct = new HashSet<>(seen);
    assertThat(distinct).hasSize(threads * each).contains(1L, (long) threads * each);
    assertThat(storage.add(partition, 1_000)).isEqualTo(threads * each + 1_000);
  }

  @Test
  final void keepsCountersApartFromValues() throws IOException {
    assertThat(storage.add(partition, 5)).isEqualTo(5);

    assertThat(storage.read(partition, 0)).isNull();
    assertThat(storage.list(partition, Long.MIN_VALUE, 10)).isEmpty();
    assertThat(storage.write(partition, 0, 0, bytes("tea"))).isTrue();
    assertThat(storage.add(partition, 2)).isEqualTo(7);
    assertThat(storage.add(partition + "/other", 2)).isEqualTo(2);
  }

  @Test
  final void leavesAnInterruptForItsCaller() throws IOException {
    Thread.currentThread().interrupt();
    try {
      storage.write(partition, 1, 0, bytes("tea"));
    } catch (IOException allowed) {
      // Then nobody knows whether it was written.
    }
    assertThat(Thread.interrupted()).isTrue();

    assertThat(storage.write(partition, 2, 0, bytes("tea"))).isTrue();
  }

  @Test
  final void refusesWhatMakesNoSense() {
    assertThatIllegalArgumentException().isThrownBy(() -> storage.list(partition, 1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> storage.add(partition, 0));
  }

  @Test
  final void takesNothingAfterItsCloseWhileOthersGoOn() throws IOException {
    SharedLogStorage closed = open();
    closed.close();
    closed.close();

    assertThatIOException().isThrownBy(() -> closed.read(partition, 1));
    assertThatIOException().isThrownBy(() -> closed.write(partition, 1, 0, bytes("tea")));
    assertThatIOException().isThrownBy(() -> closed.add(partition, 1));
    assertThat(storage.write(partition, 1, 0, bytes("tea"))).isTrue();
  }

  private interface Work {
    void with(SharedLogStorage mine, int number) throws IOException;
  }

  private void concurrently(int threads, Work work) throws InterruptedException {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      Thread thread =
          new Thread(
              () -> {
                try (SharedLogStorage mine = open()) {
                  work.with(mine, number);
                } catch (IOException failure) {
                  failures.add(failure);
                }
              });
      thread.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
      thread.start();
      running.add(thread);
    }
    for (Thread thread : running) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  private static void assertValue(@Nullable Value value, long key, long version, String text) {
    Value there = Objects.requireNonNull(value, "value");
    assertThat(there.key()).isEqualTo(key);
    assertThat(there.version()).isEqualTo(version);
    assertThat(text(there)).isEqualTo(text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Value value) {
    return new String(value.bytes(), StandardCharsets.UTF_8);
  }
}
