package io.rananeeti.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import io.rananeeti.log.LogRecord;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes are, decoding ends with a record or a {@link CodecException}, and takes no
 * more memory than by a multiple of what it was given.
 *
 * <p>In a build this runs on the golden records, and on what fuzzing has ever found, which stands
 * in the directory of resources that is named after this class. CONTRIBUTING.md says how to fuzz.
 */
final class RecordCodecFuzzTest {

  private static final long ALLOCATED_ANYWAY = 256 * 1024;
  private static final long MOST_ALLOCATED_PER_BYTE = 256;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Stream<byte[]> golden() {
    return Stream.concat(GoldenRecords.all().stream(), GoldenRecords.more().stream())
        .map(RecordCodec::encode);
  }

  /** So that no class is loaded while memory is measured. */
  @BeforeAll
  static void warmUp() {
    for (int round = 0; round < 3; round++) {
      golden().forEach(entry -> RecordCodec.decode(ByteBuffer.wrap(entry)));
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> RecordCodec.decode(ByteBuffer.allocate(8)));
    }
  }

  @MethodSource("golden")
  @FuzzTest(maxDuration = "10m")
  void whatDecodesIsWrittenAndReadAsTheSame(byte[] bytes) {
    LogRecord read = decodeInBoundedMemory(bytes);
    if (read == null) {
      return;
    }
    byte[] written = RecordCodec.encode(read);

    LogRecord again = RecordCodec.decode(ByteBuffer.wrap(written));

    // An encoding is of one record only, and arrays in records are not equal by their content.
    assertThat(RecordCodec.encode(again)).isEqualTo(written);
  }

  /** Null if it is refused. */
  private static @Nullable LogRecord decodeInBoundedMemory(byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    LogRecord read = null;
    try {
      read = RecordCodec.decode(ByteBuffer.wrap(bytes));
    } catch (CodecException refused) {
      // Anything else fails the test.
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated for an entry of %d bytes", bytes.length)
        .isLessThan(ALLOCATED_ANYWAY + MOST_ALLOCATED_PER_BYTE * bytes.length);
    return read;
  }
}
