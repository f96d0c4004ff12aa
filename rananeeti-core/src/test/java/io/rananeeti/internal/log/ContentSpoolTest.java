package io.rananeeti.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.store.Content;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ContentSpoolTest {

  private static final int MEBIBYTE = 1 << 20;

  private final ForgetfulFolder folder = new ForgetfulFolder();
  private final ContentSpool spool = open(folder, true, Map.of());

  /** Entries of the log that are on disk when the machine dies, with what they name. */
  private final Map<Long, Content> entries = new HashMap<>();

  @Test
  void isReadAgainAfterACrashAtAnyStepWhereAnEntryNamesItAndElseGone() throws IOException {
    int step = 1;
    for (boolean lives = false; !lives; step++) {
      for (boolean writtenBack : List.of(true, false)) {
        ForgetfulFolder disk = new ForgetfulFolder();
        disk.dieAt(step);
        entries.clear();
        try {
          work(open(disk, true, Map.of()));
        } catch (ForgetfulFolder.PowerCut dead) {
          assertThat(disk.lives()).isFalse();
        }
        lives = disk.lives();
        ForgetfulFolder found = disk.afterPowerCut(writtenBack);
        ContentSpool again = open(found, true, entries);

        String where = "step=%d writtenBack=%s".formatted(step, writtenBack);
        for (Content named : entries.values()) {
          assertThat(read(again, named)).as(where).hasSize((int) named.length());
        }
        assertThat(found.open().keySet())
            .as(where)
            .isEqualTo(entries.values().stream().map(Content::sha256).collect(Collectors.toSet()));
        assertThat(again.bytes())
            .as(where)
            .isEqualTo(entries.values().stream().distinct().mapToLong(Content::length).sum());
      }
    }
    assertThat(step).isGreaterThan(20);
  }

  private void work(ContentSpool working) throws IOException {
    Content first = working.take(bytes(1, 100_000));
    accept(working, 1, first);
    working.letGo(first);
    Content rolledBack = working.take(bytes(2, 300));
    working.letGo(rolledBack);
    Content shared = working.take(bytes(1, 100_000));
    accept(working, 2, shared);
    working.letGo(shared);
    Content second = working.take(bytes(2, 300));
    accept(working, 3, second);
    working.letGo(second);
    entries.remove(1L);
    working.forget(List.of(1L));
    entries.remove(3L);
    working.forget(List.of(3L));
    entries.remove(2L);
    working.forget(List.of(2L));
    Content last = working.take(bytes(1, 100_000));
    accept(working, 4, last);
  }

  private void accept(ContentSpool working, long sequence, Content content) {
    entries.put(sequence, content);
    working.named(sequence, "orders", List.of(content));
  }

  @Test
  void keepsWhatTwoTransactionsNameUntilTheSecondOfThemIsOver() throws IOException {
    Content one = spool.take(bytes(1, 5_000));
    Content other = spool.take(bytes(1, 5_000));
    spool.named(7, "orders", List.of(one, one));
    spool.letGo(one);
    spool.named(8, "shop", List.of(other));
    spool.letGo(other);

    assertThat(other).isEqualTo(one);
    assertThat(spool.bytes()).isEqualTo(5_000);
    assertThat(spool.entriesOf("orders")).containsExactly(7L);
    spool.forget(List.of(7L));
    assertThat(read(spool, one)).isEqualTo(bytes(1, 5_000).readAllBytes());
    spool.forget(List.of(8L));
    assertThat(folder.open()).isEmpty();
    assertThat(spool.bytes()).isZero();
  }

  @Test
  void endsWhenAForceFailsAndGoesOnReading() throws IOException {
    Content before = spool.take(bytes(1, 10));
    folder.failForces();

    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> spool.take(bytes(2, 10)));

    assertThat(spool.warning()).contains("a force of the log's spool failed");
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> spool.take(bytes(1, 10)));
    assertThat(read(spool, before)).hasSize(10);
    assertThat(folder.open()).hasSize(1);
    assertThat(spool.bytes()).isEqualTo(10);
  }

  @Test
  void forcesNothingWhereOnlyTheProcessIsToBeSurvived() throws IOException {
    folder.failForces();
    ContentSpool unforced = open(folder, false, Map.of());

    assertThat(read(unforced, unforced.take(bytes(2, 10)))).hasSize(10);
  }

  @Test
  void doesNotTrustAFileOfAnEarlierProcessThatItDidNotForce() throws IOException {
    Content content = open(folder, false, Map.of()).take(bytes(3, 1_000));

    ContentSpool forcing = open(folder, true, Map.of(1L, content));
    forcing.take(bytes(3, 1_000));

    ForgetfulFolder found = folder.afterPowerCut(false);
    assertThat(read(open(found, true, Map.of(1L, content)), content)).hasSize(1_000);
    assertThat(forcing.bytes()).isEqualTo(1_000);
  }

  @Test
  void refusesInTheMiddleOfAStreamWhatWouldFillTheDiskAndLeavesNothingBehind() throws IOException {
    Content small = spool.take(bytes(1, 3 * MEBIBYTE));

    assertThatExceptionOfType(LogFullException.class)
        .isThrownBy(() -> spool.take(new Endless()))
        .withMessageContaining("maxBytes=8388608");

    assertThat(folder.open()).containsOnlyKeys(small.sha256());
    assertThat(spool.bytes()).isEqualTo(3 * MEBIBYTE);
    spool.letGo(small);
    assertThat(spool.take(bytes(2, 7 * MEBIBYTE)).length()).isEqualTo(7 * MEBIBYTE);
  }

  @Test
  void saysThatTheDiskIsFullAndGoesOnOnceItIsNot() throws IOException {
    folder.failWrites(true);
    assertThatExceptionOfType(LogFullException.class)
        .isThrownBy(() -> spool.take(bytes(1, 10)))
        .withMessageContaining("No space left on device");
    folder.failWrites(false);

    assertThat(spool.bytes()).isZero();
    assertThat(read(spool, spool.take(bytes(1, 10)))).hasSize(10);
  }

  @Test
  void saysWhatIsWrongWithAFileBeforeItsLastByteIsRead() throws IOException {
    byte[] whole = bytes(1, 100_000).readAllBytes();
    Content content = spool.take(new ByteArrayInputStream(whole));
    byte[] flipped = whole.clone();
    flipped[17] ^= 1;

    for (byte[] damaged :
        List.of(flipped, Arrays.copyOf(whole, 99_999), Arrays.copyOf(whole, 100_001))) {
      folder.damage(content.sha256(), damaged);
      try (InputStream in = spool.read(content)) {
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> in.readNBytes(100_000))
            .withMessageContaining(content.sha256());
      }
    }
    folder.delete(content.sha256());
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> spool.read(content))
        .withMessageContaining("missing");
  }

  /** A connection of a platform that is closed must not delete what the next one needs. */
  @Test
  void touchesNothingOnceItIsClosed() throws IOException {
    Content content = spool.take(bytes(1, 10));
    spool.close();
    ContentSpool next = open(folder, true, Map.of(1L, content));

    spool.letGo(content);

    assertThat(read(next, content)).hasSize(10);
    assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> spool.take(bytes(2, 10)));
    assertThat(folder.open()).containsOnlyKeys(content.sha256());
  }

  @Test
  void keepsNothingOfAStreamThatBreaks() {
    InputStream broken =
        new Endless() {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            if (bytes > MEBIBYTE) {
              throw new IOException("the client is gone");
            }
            return super.read(into, offset, length);
          }
        };

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> spool.take(broken))
        .withMessage("the client is gone");
    assertThat(folder.open()).isEmpty();
    assertThat(spool.bytes()).isZero();
  }

  @Test
  void holdsForAConnectionWhatItsTransactionUsesAndWhatIsStillSet() throws IOException {
    ContentHold hold = new ContentHold(spool);
    Content set = hold.takeForParameter(bytes(1, 10));
    Content used = hold.takeForParameter(bytes(2, 10));
    Content enlisted = hold.take(bytes(3, 10));

    assertThat(hold.use(used)).isTrue();
    hold.over();
    assertThat(folder.open()).containsOnlyKeys(set.sha256());
    assertThat(hold.use(used)).as("its transaction is over").isFalse();
    assertThat(hold.use(enlisted)).isFalse();
    assertThat(hold.use(set)).isTrue();
    spool.named(3, "orders", List.of(set));
    hold.close();
    assertThat(folder.open()).containsOnlyKeys(set.sha256());
    assertThat(hold.use(set)).as("an entry still holds it").isTrue();
    spool.forget(List.of(3L));
    hold.close();
    assertThat(folder.open()).isEmpty();
  }

  private static ContentSpool open(
      ForgetfulFolder folder, boolean forces, Map<Long, Content> entries) {
    SpaceGuard space =
        new SpaceGuard(new MemoryStorage(), new LogLimits(8 * MEBIBYTE, 0), Seams.system());
    ContentSpool spool =
        new ContentSpool(folder, space, forces, 16 * MEBIBYTE, Seams.system(), "test");
    entries.forEach((sequence, content) -> spool.named(sequence, "orders", List.of(content)));
    spool.open();
    return spool;
  }

  private static InputStream bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return new ByteArrayInputStream(bytes);
  }

  private static byte[] read(ContentSpool from, Content content) throws IOException {
    try (InputStream in = from.read(content)) {
      return in.readAllBytes();
    }
  }

  private static class Endless extends InputStream {

    long bytes;

    @Override
    public int read() {
      bytes++;
      return 1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      bytes += length;
      return length;
    }
  }
}
