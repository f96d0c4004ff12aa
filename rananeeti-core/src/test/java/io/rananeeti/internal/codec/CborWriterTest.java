package io.rananeeti.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One buffer, record after record. */
final class CborWriterTest {

  private static final int MEBIBYTE = 1 << 20;

  @Test
  void appendsAnEntryBehindRoomKeptInFront() {
    CborWriter out = new CborWriter();
    for (LogRecord record : GoldenRecords.all()) {
      out.reset(12);

      RecordCodec.encode(record, out);

      assertThat(Arrays.copyOfRange(out.array(), 12, out.length()))
          .isEqualTo(RecordCodec.encode(record));
    }
  }

  @Test
  void appendsEntriesOneBehindTheOther() {
    LogRecord first = GoldenRecords.all().get(2);
    LogRecord second = GoldenRecords.all().get(5);
    CborWriter out = new CborWriter();

    RecordCodec.encode(first, out);
    int between = out.length();
    RecordCodec.encode(second, out);

    byte[] both = out.toByteArray();
    assertThat(both).startsWith(RecordCodec.encode(first));
    assertThat(RecordCodec.decode(ByteBuffer.wrap(both, between, both.length - between)))
        .isEqualTo(second);
  }

  @Test
  void keepsWhatStoodBeforeARecordThatItCouldNotWrite() {
    CborWriter out = new CborWriter();
    RecordCodec.encode(GoldenRecords.all().get(0), out);
    byte[] before = out.toByteArray();
    LogRecord unknown =
        RandomRecords.accepted(
            List.of(
                Parameter.of(Kind.BYTES, new byte[2 * MEBIBYTE]),
                Parameter.of(Kind.OBJECT, new AtomicLong())));

    assertThatIllegalArgumentException().isThrownBy(() -> RecordCodec.encode(unknown, out));

    assertThat(out.toByteArray()).isEqualTo(before);
  }

  @Test
  void takesBackWhatIsBehindTheNewLength() {
    CborWriter out = new CborWriter();
    out.text("tea").text("coffee");

    out.reset(4);
    out.text("milk");

    assertThat(out.toByteArray()).isEqualTo("\143tea\144milk".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void keepsMoreRoomThanItHas() {
    CborWriter out = new CborWriter();
    out.text("tea");

    out.reset(5_000);
    out.bool(true);

    assertThat(out.length()).isEqualTo(5_001);
    assertThat(out.array()).startsWith('c', 't', 'e', 'a').hasSizeGreaterThanOrEqualTo(5_001);
    assertThat(out.array()[5_000]).isEqualTo((byte) Cbor.TRUE);
    assertThatIllegalArgumentException().isThrownBy(() -> out.reset(-1));
  }

  @Test
  void givesALargeBufferUpWhenItIsResetAndKeepsASmallOne() {
    CborWriter out = new CborWriter();
    out.bytes(new byte[MEBIBYTE / 2]);
    byte[] small = out.array();
    out.reset(0);
    assertThat(out.array()).isSameAs(small);

    out.text("tea").bytes(new byte[3 * MEBIBYTE]);
    out.reset(4);

    assertThat(out.array()).hasSizeLessThan(MEBIBYTE);
    assertThat(out.toByteArray()).isEqualTo("\143tea".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void refusesWhatIsTooLargeBeforeThereIsMemoryForIt() {
    int head = 1 + Integer.BYTES;
    CborWriter full = new CborWriter(MEBIBYTE);
    full.bytes(new byte[MEBIBYTE - head]);
    assertThat(full.length()).isEqualTo(MEBIBYTE);
    assertThat(full.array()).hasSize(MEBIBYTE);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> full.bool(true))
        .withMessageContaining("too large");
    full.reset(0);
    assertThatIllegalArgumentException().isThrownBy(() -> full.text("x".repeat(2 * MEBIBYTE)));

    assertThat(full.array()).hasSizeLessThanOrEqualTo(MEBIBYTE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void writesTheUtf8OfThePlatform(long seed) {
    RandomRecords records = new RandomRecords(new Random(seed));
    CborWriter out = new CborWriter();
    for (int i = 0; i < 20_000; i++) {
      String text = records.text();
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      boolean paired = new String(utf8, StandardCharsets.UTF_8).equals(text);
      out.reset(0);

      out.text(text);

      assertThat(new CborReader(ByteBuffer.wrap(out.toByteArray())).text())
          .as("seed=%d text=%d", seed, i)
          .isEqualTo(text);
      if (paired) {
        assertThat(out.toByteArray()).as("seed=%d text=%d", seed, i).endsWith(utf8);
        assertThat(out.array()[0] & 0xE0).as("a text").isEqualTo(Cbor.TEXT << 5);
      }
    }
  }

  @Test
  void encodesOrdinaryRecordsWithoutGarbage() {
    int rounds = 10_000;
    List<LogRecord> records = ordinaryRecords();
    CborWriter out = new CborWriter();
    encodeAll(records, out, rounds);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getCurrentThreadAllocatedBytes();
    encodeAll(records, out, rounds);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated / (double) (rounds * records.size()))
        .as("bytes allocated for a record")
        .isLessThan(16);
  }

  private static void encodeAll(List<LogRecord> records, CborWriter out, int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < records.size(); i++) {
        out.reset(16);
        RecordCodec.encode(records.get(i), out);
      }
    }
  }

  /** The golden ones without what only objects can hold: decimals, big integers, half a text. */
  private static List<LogRecord> ordinaryRecords() {
    LogRecord.Accepted golden = (LogRecord.Accepted) GoldenRecords.all().get(2);
    List<Parameter> setters = golden.transaction().operations().get(0).rows().get(0);
    List<Parameter> ordinary =
        setters.stream()
            .filter(parameter -> parameter.kind() != Kind.DECIMAL)
            .filter(parameter -> !"half \ud83c".equals(parameter.value()))
            .toList();
    return List.of(
        GoldenRecords.all().get(0),
        GoldenRecords.all().get(1),
        RandomRecords.accepted(ordinary),
        GoldenRecords.all().get(5));
  }
}
