package io.rananeeti.dynamo;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Values of Java as DynamoDB keeps them, and back.
 *
 * <table>
 * <caption>What becomes of what</caption>
 * <tr><td>String, Character, UUID, enum<td>S
 * <tr><td>numbers<td>N, with all their digits
 * <tr><td>byte[], ByteBuffer, SdkBytes<td>B
 * <tr><td>Boolean, null<td>BOOL, NULL
 * <tr><td>dates and times<td>S: as ISO 8601, OffsetDateTime and Timestamp in UTC; not in order as text
 * <tr><td>Set<td>SS, NS or BS
 * <tr><td>List and arrays, Map<td>L, M
 * <tr><td>AttributeValue<td>itself
 * </table>
 */
final class Values {

  private Values() {}

  /**
   * As DynamoDB keeps it.
   *
   * @throws SQLException 22023 if there is no such thing; the message shows no value
   */
  static AttributeValue of(@Nullable Object value) throws SQLException {
    if (value == null) {
      return AttributeValue.fromNul(true);
    }
    AttributeValue simple = simple(value);
    if (simple != null) {
      return simple;
    }
    if (value instanceof Map<?, ?> map) {
      return AttributeValue.fromM(item(map));
    }
    if (value instanceof Set<?> set) {
      List<AttributeValue> elements = all(set);
      AttributeValue made = homogeneous(elements);
      if (made == null) {
        throw unknown(
            "a Set that is empty, or whose elements are not all text, all numbers or all bytes");
      }
      return made;
    }
    if (value instanceof Collection<?> list) {
      return AttributeValue.fromL(all(list));
    }
    if (value.getClass().isArray()) {
      List<@Nullable Object> elements = new ArrayList<>();
      for (int i = 0; i < Array.getLength(value); i++) {
        elements.add(Array.get(value, i));
      }
      return AttributeValue.fromL(all(elements));
    }
    throw unknown(value.getClass().getTypeName());
  }

  /** An item or a key: names with values. */
  static Map<String, AttributeValue> item(Map<?, ?> map) throws SQLException {
    Map<String, AttributeValue> item = new HashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String name)) {
        throw unknown("a Map whose keys are not all text");
      }
      item.put(name, of(entry.getValue()));
    }
    return item;
  }

  private static List<AttributeValue> all(Collection<?> values) throws SQLException {
    List<AttributeValue> all = new ArrayList<>(values.size());
    for (Object value : values) {
      all.add(of(value));
    }
    return all;
  }

  private static @Nullable AttributeValue simple(Object value) throws SQLException {
    if (value instanceof AttributeValue attribute) {
      return attribute;
    }
    if (value instanceof String || value instanceof Character || value instanceof UUID) {
      return AttributeValue.fromS(value.toString());
    }
    if (value instanceof Enum<?> constant) {
      return AttributeValue.fromS(constant.name());
    }
    if (value instanceof Boolean flag) {
      return AttributeValue.fromBool(flag);
    }
    if (value instanceof Number number) {
      return AttributeValue.fromN(digits(number));
    }
    if (value instanceof byte[] bytes) {
      return AttributeValue.fromB(SdkBytes.fromByteArray(bytes));
    }
    if (value instanceof ByteBuffer buffer) {
      return AttributeValue.fromB(SdkBytes.fromByteBuffer(buffer.duplicate()));
    }
    if (value instanceof SdkBytes bytes) {
      return AttributeValue.fromB(bytes);
    }
    return time(value);
  }

  private static String digits(Number number) throws SQLException {
    if (number instanceof BigDecimal decimal) {
      return decimal.toString();
    }
    boolean whole =
        number instanceof Long
            || number instanceof Integer
            || number instanceof Short
            || number instanceof Byte
            || number instanceof BigInteger;
    if (whole) {
      return number.toString();
    }
    try {
      return new BigDecimal(number.toString()).toString();
    } catch (NumberFormatException e) {
      throw unknown("a number without a finite value");
    }
  }

  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  private static @Nullable AttributeValue time(Object value) {
    if (value instanceof java.sql.Timestamp moment) {
      return AttributeValue.fromS(moment.toInstant().toString());
    }
    if (value instanceof java.sql.Date || value instanceof java.sql.Time) {
      return AttributeValue.fromS(value.toString());
    }
    if (value instanceof java.util.Date moment) {
      return AttributeValue.fromS(moment.toInstant().toString());
    }
    if (value instanceof OffsetDateTime moment) {
      return AttributeValue.fromS(
          moment.withOffsetSameInstant(ZoneOffset.UTC).toInstant().toString());
    }
    return value instanceof TemporalAccessor ? AttributeValue.fromS(value.toString()) : null;
  }

  /** A set of these, all of one type. */
  static AttributeValue setOf(List<AttributeValue> elements) throws SQLException {
    AttributeValue set = homogeneous(elements);
    if (set == null) {
      throw unknown("<< >> with other than text only, numbers only or bytes only");
    }
    return set;
  }

  static boolean isSet(AttributeValue value) {
    return value.hasSs() || value.hasNs() || value.hasBs();
  }

  /** Null if they are of several types, or none that sets have. */
  private static @Nullable AttributeValue homogeneous(List<AttributeValue> elements) {
    if (elements.isEmpty()) {
      return null;
    }
    AttributeValue.Type type = elements.get(0).type();
    if (elements.stream().anyMatch(element -> element.type() != type)) {
      return null;
    }
    return switch (type) {
      case S -> AttributeValue.fromSs(elements.stream().map(AttributeValue::s).toList());
      case N -> AttributeValue.fromNs(elements.stream().map(AttributeValue::n).toList());
      case B -> AttributeValue.fromBs(elements.stream().map(AttributeValue::b).toList());
      default -> null;
    };
  }

  /** As Java has it: String, BigDecimal, byte[], Boolean, null, Set, List, Map. */
  static @Nullable Object toJava(@Nullable AttributeValue value) {
    if (value == null) {
      return null;
    }
    return switch (value.type()) {
      case S -> value.s();
      case N -> new BigDecimal(value.n());
      case B -> value.b().asByteArray();
      case BOOL -> value.bool();
      case SS -> new LinkedHashSet<>(value.ss());
      case NS -> {
        Set<BigDecimal> numbers = new LinkedHashSet<>();
        value.ns().forEach(number -> numbers.add(new BigDecimal(number)));
        yield numbers;
      }
      case BS -> {
        Set<ByteBuffer> all = new LinkedHashSet<>();
        value.bs().forEach(bytes -> all.add(bytes.asByteBuffer()));
        yield all;
      }
      case L -> {
        List<@Nullable Object> list = new ArrayList<>();
        value.l().forEach(element -> list.add(toJava(element)));
        yield list;
      }
      case M -> toJava(value.m());
      default -> null;
    };
  }

  /** An item, as Java has it. */
  static Map<String, @Nullable Object> toJava(Map<String, AttributeValue> item) {
    Map<String, @Nullable Object> map = new HashMap<>();
    item.forEach((name, value) -> map.put(name, toJava(value)));
    return map;
  }

  /** About how many bytes DynamoDB counts for an item. */
  static long size(Map<String, AttributeValue> item) {
    long size = 0;
    for (Map.Entry<String, AttributeValue> entry : item.entrySet()) {
      size += utf8(entry.getKey()) + size(entry.getValue());
    }
    return size;
  }

  static long size(AttributeValue value) {
    return switch (value.type()) {
      case S -> utf8(value.s());
      case N -> value.n().length() / 2 + 2;
      case B -> value.b().asByteArrayUnsafe().length;
      case SS -> value.ss().stream().mapToLong(Values::utf8).sum();
      case NS -> value.ns().stream().mapToLong(number -> number.length() / 2 + 2).sum();
      case BS -> value.bs().stream().mapToLong(bytes -> bytes.asByteArrayUnsafe().length).sum();
      case L -> 3 + value.l().stream().mapToLong(element -> 1 + size(element)).sum();
      case M -> 3 + value.m().size() + size(value.m());
      default -> 1;
    };
  }

  static long utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static SQLException unknown(String what) {
    return new SQLDataException("DynamoDB has no type for " + what, "22023");
  }
}
