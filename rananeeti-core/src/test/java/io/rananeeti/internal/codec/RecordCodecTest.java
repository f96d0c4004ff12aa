package io.rananeeti.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Types;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordCodecTest {

  private static final Map<String, List<LogRecord>> GOLDEN =
      Map.ofEntries(
          Map.entry("entries-v1.hex", GoldenRecords.all()),
          Map.entry("entries-v1-adopted-arrays-and-driver-types.hex", GoldenRecords.more()),
          Map.entry("entries-v1-lost.hex", GoldenRecords.most()),
          Map.entry("entries-v1-leases.hex", GoldenRecords.leases()),
          Map.entry("entries-v1-states.hex", GoldenRecords.states()),
          Map.entry("entries-v1-user.hex", GoldenRecords.context()),
          Map.entry("entries-v1-decided.hex", GoldenRecords.decided()),
          Map.entry("entries-v1-intents.hex", GoldenRecords.intents()),
          Map.entry("entries-v1-retained.hex", GoldenRecords.retained()),
          Map.entry("entries-v1-keys.hex", GoldenRecords.keys()),
          Map.entry("entries-v1-contents.hex", GoldenRecords.contents()),
          Map.entry("entries-v1-units.hex", GoldenRecords.units()),
          Map.entry("entries-v1-delayed.hex", GoldenRecords.delayed()),
          Map.entry("entries-v1-copied.hex", GoldenRecords.copied()));

  private static final RecursiveComparisonConfiguration BIT_BY_BIT =
      RecursiveComparisonConfiguration.builder()
          .withStrictTypeChecking(true)
          .withEqualsForType(Double::equals, Double.class)
          .withEqualsForType(Float::equals, Float.class)
          .build();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void readsBackEveryRecordThatItWrote(long seed) {
    RandomRecords records = new RandomRecords(new Random(seed));

    for (int i = 0; i < 400; i++) {
      LogRecord record = records.next();
      byte[] entry = RecordCodec.encode(record);

      LogRecord read = RecordCodec.decode(ByteBuffer.wrap(entry));

      assertThat(read)
          .as("seed=%d record=%d", seed, i)
          .usingRecursiveComparison(BIT_BY_BIT)
          .isEqualTo(record);
      assertThat(RecordCodec.encode(read)).isEqualTo(entry);
    }
  }

  static List<Arguments> goldenFiles() {
    return GOLDEN.entrySet().stream()
        .map(file -> Arguments.of(file.getKey(), file.getValue()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void readsTheGoldenFilesOfFormatVersionOne(String file, List<LogRecord> records)
      throws IOException {
    List<String> lines = golden(file);

    assertThat(lines).hasSameSizeAs(records);
    for (int i = 0; i < lines.size(); i++) {
      LogRecord read = RecordCodec.decode(ByteBuffer.wrap(HexFormat.of().parseHex(lines.get(i))));
      assertThat(read).usingRecursiveComparison(BIT_BY_BIT).isEqualTo(records.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void writesFormatVersionOneAsTheGoldenFilesHaveIt(String file, List<LogRecord> records)
      throws IOException {
    List<String> written =
        records.stream().map(RecordCodec::encode).map(HexFormat.of()::formatHex).toList();

    assertThat(written).isEqualTo(golden(file));
  }

  @Test
  void hasEveryKindOfParameterAndEveryTypeInTheGoldenFiles() {
    List<Parameter> parameters =
        GOLDEN.values().stream()
            .flatMap(List::stream)
            .flatMap(record -> record instanceof LogRecord.Accepted a ? Stream.of(a) : Stream.of())
            .flatMap(accepted -> accepted.transaction().operations().stream())
            .flatMap(operation -> operation.rows().stream().flatMap(List::stream))
            .toList();

    assertThat(parameters).extracting(Parameter::kind).contains(Kind.values());
    assertThat(parameters)
        .filteredOn(parameter -> parameter.kind() == Kind.OBJECT)
        .filteredOn(parameter -> !(parameter.value() instanceof Content))
        .extracting(parameter -> ValueType.of(Objects.requireNonNull(parameter.value())))
        .contains(ValueType.values());
  }

  @Test
  void keepsEveryBitOfFloatingPointNumbers() {
    float quiet = Float.intBitsToFloat(0x7FC12345);
    double signalling = Double.longBitsToDouble(0x7FF0000000012345L);

    List<Parameter> read =
        throughTheCodec(
            Parameter.of(Kind.FLOAT32, quiet),
            Parameter.of(Kind.FLOAT64, signalling),
            Parameter.of(Kind.FLOAT64, -0.0),
            Parameter.of(Kind.FLOAT32, Float.NEGATIVE_INFINITY));

    assertThat(Float.floatToRawIntBits((float) value(read, 0))).isEqualTo(0x7FC12345);
    assertThat(Double.doubleToRawLongBits((double) value(read, 1))).isEqualTo(0x7FF0000000012345L);
    assertThat(Double.doubleToRawLongBits((double) value(read, 2))).isEqualTo(Long.MIN_VALUE);
    assertThat(value(read, 3)).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void keepsTheScaleOfADecimal() {
    BigDecimal smallest = new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE);
    BigDecimal largest = new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE);

    List<Parameter> read =
        throughTheCodec(
            Parameter.of(Kind.DECIMAL, new BigDecimal("10.00")),
            Parameter.of(Kind.DECIMAL, smallest),
            Parameter.of(Kind.DECIMAL, largest));

    assertThat(read)
        .extracting(Parameter::value)
        .containsExactly(new BigDecimal("10.00"), smallest, largest);
  }

  @Test
  void refusesToWriteATypeThatItCouldNotReadBack() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> throughTheCodec(Parameter.of(Kind.OBJECT, new AtomicLong())))
        .withMessageContaining("java.util.concurrent.atomic.AtomicLong");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> throughTheCodec(Parameter.of(Kind.INT32, 5)))
        .withMessageContaining("java.lang.Integer");
    for (Object array :
        List.of(
            new int[0],
            new int[1][1],
            new AtomicLong[0],
            new Integer[1][],
            new Integer[1][1][1][1][1][1][1],
            new Object[] {new AtomicLong()})) {
      assertThatIllegalArgumentException()
          .as(array.getClass().getName())
          .isThrownBy(() -> throughTheCodec(Parameter.of(Kind.ARRAY, array)));
    }
  }

  @Test
  void isReadByAnotherImplementationOfCbor() throws IOException {
    CBORMapper jackson = new CBORMapper();
    jackson
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build());
    RandomRecords records = new RandomRecords(new Random(7));

    for (int i = 0; i < 300; i++) {
      byte[] entry = RecordCodec.encode(records.next());
      JsonNode map =
          jackson.readTree(
              entry, EntryDescriptor.HEADER_LENGTH, entry.length - EntryDescriptor.HEADER_LENGTH);
      assertThat(map.isObject()).isTrue();
      assertThat(map.get("0").intValue()).isBetween(1, 15);
    }
  }

  @Test
  void meansTheSameToAnotherImplementationOfCbor() throws IOException {
    byte[] entry = RecordCodec.encode(GoldenRecords.all().get(2));
    int from = EntryDescriptor.HEADER_LENGTH;

    JsonNode record = new CBORMapper().readTree(entry, from, entry.length - from);

    JsonNode transaction = record.get("1");
    JsonNode setters = transaction.get("2").get(0).get("2").get(0);
    assertThat(record.get("2").booleanValue()).isTrue();
    assertThat(transaction.get("1").textValue()).isEqualTo("orders");
    assertThat(transaction.get("4").textValue()).isEqualTo("customer-7");
    assertThat(setters.get(5).get("1").longValue()).isEqualTo(Long.MAX_VALUE);
    assertThat(setters.get(7).get("1").doubleValue()).isNaN();
    assertThat(setters.get(10).get("1").textValue())
        .isEqualTo("\u0928\u092e\u0938\u094d\u0924\u0947 \ud83c\udf75");
    assertThat(setters.get(13).get("1").binaryValue()).containsExactly(0, -1, 127);
  }

  @Test
  void meansTheSameArraysAndDriverTypesToAnotherImplementationOfCbor() throws IOException {
    JsonNode driver = parametersReadByJackson(GoldenRecords.more().get(1));
    JsonNode arrays = parametersReadByJackson(GoldenRecords.more().get(2));

    assertThat(driver.get(2).get("1").binaryValue()).containsExactly(1, 2, 3);
    assertThat(driver.get(4).toString())
        .isEqualTo("{\"0\":21,\"1\":[5,\"{\\\"a\\\": 1}\"],\"4\":\"jsonb\"}");
    assertThat(arrays.get(0).toString()).isEqualTo("{\"0\":20,\"1\":[16,1,[1,null,-3]]}");
    assertThat(arrays.get(2).toString())
        .isEqualTo("{\"0\":20,\"1\":[5,2,[[\"a\",null],[\"c\",\"d\"]]],\"4\":\"text\"}");
    assertThat(arrays.get(5).get("1").get(2).get(3).toString()).isEqualTo("[16,7]");
  }

  @Test
  void meansTheSameContentToAnotherImplementationOfCbor() throws IOException {
    JsonNode parameters = parametersReadByJackson(GoldenRecords.contents().get(0));

    JsonNode text = parameters.get(0);
    assertThat(text.get("0").intValue()).isEqualTo(9);
    assertThat(text.has("1")).isFalse();
    assertThat(text.get("5").get(0).binaryValue())
        .isEqualTo(HexFormat.of().parseHex("0123456789abcdef".repeat(4)));
    assertThat(text.get("5").get(1).longValue()).isEqualTo(5_000_000_000L);
    assertThat(parameters.get(5).get("2").intValue()).isEqualTo(Types.VARBINARY);
    assertThat(parameters.get(5).get("5").get(1).longValue()).isZero();
  }

  @Test
  void refusesContentWhereAKindHasNoneAndNamesThatAreNone() {
    Content content = new Content("f".repeat(64), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> throughTheCodec(Parameter.of(Kind.INT32, content)));
    String name = "5820" + "ff".repeat(32);
    assertRefused(
        "a3" + "0003" + "01" + "a7" + parameterEntry("a200050582" + name + "01"), "value");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a2000b0582" + name + "20"), "neg");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a2000b058241ff01"), "SHA-256");
  }

  private static JsonNode parametersReadByJackson(LogRecord record) throws IOException {
    byte[] entry = RecordCodec.encode(record);
    int from = EntryDescriptor.HEADER_LENGTH;
    JsonNode read = new CBORMapper().readTree(entry, from, entry.length - from);
    return read.get("1").get("2").get(0).get("2").get(0);
  }

  @Test
  void skipsKeysThatALaterReleaseMayAdd() {
    UUID incarnation = new UUID(1, 2);
    CborWriter later = entry(EntryDescriptor.VERSION);
    later.map(6).integer(0).integer(2);
    later
        .integer(-9)
        .map(1)
        .text("deep")
        .array(2)
        .tag(4)
        .array(2)
        .integer(-1)
        .integer(5)
        .bool(true);
    later.integer(1).text("orders");
    later.integer(77).bytes(new byte[300]);
    later.integer(2).uuid(incarnation);
    later.integer(78).float64(1);

    LogRecord read = RecordCodec.decode(ByteBuffer.wrap(later.toByteArray()));

    assertThat(read).isEqualTo(new LogRecord.Registered("orders", incarnation));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void skipsKeysThatALaterReleaseMayAddToAnyMap(long seed) {
    RandomRecords records = new RandomRecords(new Random(seed));
    for (int i = 0; i < 300; i++) {
      byte[] entry = RecordCodec.encode(records.next());

      LogRecord read = RecordCodec.decode(ByteBuffer.wrap(new LaterRelease(entry).entry()));

      assertThat(RecordCodec.encode(read)).as("seed=%d record=%d", seed, i).isEqualTo(entry);
    }
  }

  @Test
  void refusesKindsAndTypesThatItDoesNotKnow() {
    assertRefused("a10018" + "63", "kind=99");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a1001863"), "kind=99");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a2000f0182186300"), "type=99");
    assertRefused(
        "a3" + "0003" + "01" + "a7" + parameterEntry("a200140183186301" + "80"), "type=99");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a20014018300" + "07" + "80"), "7");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a30005010500" + "09"), "a value");
    assertRefused("a3" + "0003" + "01" + "a7" + parameterEntry("a20015018200f5"), "a value");
  }

  /** A transaction up to its first parameter. */
  private static String parameterEntry(String parameter) {
    return "0281a4" + "006178" + "01f5" + "028181" + parameter;
  }

  private static void assertRefused(String record, String why) {
    byte[] entry =
        entry(EntryDescriptor.VERSION).raw(HexFormat.of().parseHex(record)).toByteArray();
    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(entry)))
        .withMessageContaining(why);
  }

  @Test
  void refusesAFormatVersionThatItDoesNotKnow() {
    byte[] entry = RecordCodec.encode(new LogRecord.Registered("orders", new UUID(1, 2)));
    entry[EntryDescriptor.VERSION_OFFSET] = 2;

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(entry)))
        .withMessageContaining("format version 2")
        .withMessageContaining("reads version 1");
  }

  @Test
  void refusesFlagsAndKeysThatItDoesNotKnow() {
    byte[] plain = RecordCodec.encode(new LogRecord.Registered("orders", new UUID(1, 2)));

    for (int at = EntryDescriptor.FLAGS_OFFSET; at < EntryDescriptor.HEADER_LENGTH; at++) {
      byte[] entry = plain.clone();
      entry[at] = 1;
      assertThatExceptionOfType(CodecException.class)
          .isThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(entry)));
    }
  }

  @Test
  void refusesEveryEntryThatIsCutShort() {
    byte[] entry = RecordCodec.encode(GoldenRecords.all().get(2));

    for (int length = 0; length < entry.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(entry, 0, length);
      assertThatExceptionOfType(CodecException.class).isThrownBy(() -> RecordCodec.decode(cut));
    }
  }

  @Test
  void refusesLengthsBeyondTheEndWithoutAllocatingThem() {
    byte[] claims = HexFormat.of().parseHex("a2" + "0002" + "01" + "7b7fffffffffffffff" + "00");
    byte[] entry = entry(EntryDescriptor.VERSION).raw(claims).toByteArray();

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(entry)))
        .withMessageContaining("beyond the end");
  }

  @Test
  void refusesToFollowNestingWithoutEnd() {
    byte[] nested = new byte[100_000];
    Arrays.fill(nested, (byte) 0x81);
    byte[] entry =
        entry(EntryDescriptor.VERSION)
            .map(2)
            .integer(0)
            .integer(2)
            .integer(99)
            .raw(nested)
            .toByteArray();

    assertThatExceptionOfType(CodecException.class)
        .isThrownBy(() -> RecordCodec.decode(ByteBuffer.wrap(entry)))
        .withMessageContaining("nested");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void neverFailsInAnyOtherWayOnMutatedEntries(long seed) {
    Random random = new Random(seed);
    RandomRecords records = new RandomRecords(random);
    int refused = 0;

    for (int i = 0; i < 20_000; i++) {
      byte[] entry = RecordCodec.encode(i % 50 == 0 ? records.next() : GoldenRecords.all().get(2));
      mutate(entry, random);
      refused += refuses(entry, seed, i) ? 1 : 0;
    }

    assertThat(refused).isCloseTo(14_000, within(6_000));
  }

  @Test
  void neverFailsInAnyOtherWayOnRandomBytes() {
    Random random = new Random(99);

    for (int i = 0; i < 50_000; i++) {
      byte[] garbage = new byte[EntryDescriptor.HEADER_LENGTH + random.nextInt(60)];
      random.nextBytes(garbage);
      System.arraycopy(entry(1).toByteArray(), 0, garbage, 0, EntryDescriptor.HEADER_LENGTH);
      assertThat(refuses(garbage, 99, i)).isTrue();
    }
  }

  private static boolean refuses(byte[] entry, long seed, int round) {
    try {
      RecordCodec.decode(ByteBuffer.wrap(entry));
      return false;
    } catch (CodecException expected) {
      return true;
    } catch (Throwable other) {
      throw new AssertionError(
          "seed=%d round=%d entry=%s".formatted(seed, round, HexFormat.of().formatHex(entry)),
          other);
    }
  }

  private static void mutate(byte[] entry, Random random) {
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(entry.length);
      entry[at] =
          switch (random.nextInt(3)) {
            case 0 -> (byte) (entry[at] ^ 1 << random.nextInt(8));
            case 1 -> (byte) random.nextInt();
            default -> entry[random.nextInt(entry.length)];
          };
    }
  }

  private static CborWriter entry(int version) {
    byte[] header = new byte[EntryDescriptor.HEADER_LENGTH];
    header[EntryDescriptor.VERSION_OFFSET] = (byte) version;
    return new CborWriter().raw(header);
  }

  private static Object value(List<Parameter> parameters, int index) {
    return Objects.requireNonNull(parameters.get(index).value());
  }

  private static List<Parameter> throughTheCodec(Parameter... parameters) {
    byte[] entry = RecordCodec.encode(RandomRecords.accepted(List.of(parameters)));
    LogRecord.Accepted read = (LogRecord.Accepted) RecordCodec.decode(ByteBuffer.wrap(entry));
    return read.transaction().operations().get(0).rows().get(0);
  }

  private static List<String> golden(String name) throws IOException {
    URL file = Objects.requireNonNull(RecordCodecTest.class.getResource(name), name);
    try (InputStream in = file.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    }
  }
}
