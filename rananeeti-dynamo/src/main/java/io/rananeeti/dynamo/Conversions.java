package io.rananeeti.dynamo;

import java.math.BigDecimal;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Values of attributes as the types that JDBC asks for. Stateless. */
final class Conversions {

  private Conversions() {}

  /** As text: text as it is, numbers with all their digits, the rest in DynamoDB's JSON. */
  static String string(AttributeValue value) {
    return switch (value.type()) {
      case S -> value.s();
      case N -> value.n();
      case BOOL -> String.valueOf(value.bool());
      default -> AttributeJson.write(value);
    };
  }

  static BigDecimal number(AttributeValue value) throws SQLException {
    try {
      return switch (value.type()) {
        case N -> new BigDecimal(value.n());
        case S -> new BigDecimal(value.s());
        default -> throw unfit("a number", value);
      };
    } catch (NumberFormatException e) {
      throw unfit("a number", value);
    }
  }

  /**
   * As this type.
   *
   * @throws SQLException 22018 if it is none
   */
  static Object to(Class<?> type, AttributeValue value) throws SQLException {
    if (type == String.class) {
      return string(value);
    }
    if (type == Boolean.class && value.bool() != null) {
      return value.bool();
    }
    if (type == byte[].class && value.b() != null) {
      return value.b().asByteArray();
    }
    if (Number.class.isAssignableFrom(type)) {
      return number(type, value);
    }
    if (value.s() != null) {
      return ofText(type, value);
    }
    Object natural = Values.toJava(value);
    boolean collection = type == Map.class || type == List.class || type == Set.class;
    if ((collection || type == Object.class) && type.isInstance(natural)) {
      return natural;
    }
    throw unfit(type.getSimpleName(), value);
  }

  private static Object number(Class<?> type, AttributeValue value) throws SQLException {
    BigDecimal number = number(value);
    try {
      return switch (type.getSimpleName()) {
        case "Byte" -> number.byteValueExact();
        case "Short" -> number.shortValueExact();
        case "Integer" -> number.intValueExact();
        case "Long" -> number.longValueExact();
        case "BigInteger" -> number.toBigIntegerExact();
        case "Float" -> number.floatValue();
        case "Double" -> number.doubleValue();
        case "BigDecimal" -> number;
        default -> throw unfit(type.getSimpleName(), value);
      };
    } catch (ArithmeticException e) {
      throw new SQLDataException("a number does not fit " + type.getSimpleName(), "22003");
    }
  }

  private static Object ofText(Class<?> type, AttributeValue value) throws SQLException {
    try {
      return switch (type.getSimpleName()) {
        case "Timestamp" -> Timestamp.from(Instant.parse(value.s()));
        case "Instant" -> Instant.parse(value.s());
        case "Date" -> java.sql.Date.valueOf(LocalDate.parse(value.s()));
        case "LocalDate" -> LocalDate.parse(value.s());
        case "UUID" -> UUID.fromString(value.s());
        case "Object" -> value.s();
        default -> throw unfit(type.getSimpleName(), value);
      };
    } catch (DateTimeParseException | IllegalArgumentException e) {
      throw unfit(type.getSimpleName(), value);
    }
  }

  private static SQLException unfit(String wanted, AttributeValue value) {
    return new SQLDataException(
        "an attribute of type %s is no %s".formatted(value.type(), wanted), "22018");
  }
}
