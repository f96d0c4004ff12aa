package io.rananeeti.dynamo;

import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.ParameterCodec;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Keeps values that only DynamoDB has, sets, lists and maps, in DynamoDB's own JSON. */
final class DynamoTypes implements ParameterCodec {

  static final DynamoTypes INSTANCE = new DynamoTypes();

  private static final String TYPE = "dynamodb-json";

  private DynamoTypes() {}

  /** What is kept of a value. */
  static Parameter parameter(AttributeValue value) {
    return Parameter.of(Kind.DRIVER, AttributeJson.write(value), TYPE);
  }

  @Override
  public @Nullable Parameter encode(Object value, int sqlType) throws SQLException {
    try {
      return parameter(Values.of(value));
    } catch (SQLDataException none) {
      return null;
    }
  }

  @Override
  public Object decode(Parameter parameter) throws SQLException {
    if (!TYPE.equals(parameter.typeName()) || !(parameter.value() instanceof String json)) {
      throw new IllegalArgumentException("not of this store: " + parameter);
    }
    try {
      return AttributeJson.read(json);
    } catch (IllegalArgumentException e) {
      throw new SQLDataException(e.getMessage(), "22023");
    }
  }

  /** The values of a recorded row. */
  static List<AttributeValue> values(List<Parameter> row) throws SQLException {
    List<AttributeValue> values = new ArrayList<>(row.size());
    for (Parameter parameter : row) {
      values.add(value(parameter));
    }
    return values;
  }

  private static AttributeValue value(Parameter parameter) throws SQLException {
    if (parameter.kind() == Kind.NULL) {
      return AttributeValue.fromNul(true);
    }
    if (parameter.value() instanceof Content content) {
      throw new SQLDataException(
          "a value of %d bytes is more than an item may have".formatted(content.length()), "54000");
    }
    if (parameter.kind() == Kind.DRIVER) {
      return (AttributeValue) INSTANCE.decode(parameter);
    }
    Object value = Objects.requireNonNull(parameter.value(), "a parameter without a value");
    return Values.of(value instanceof Temporal kept ? Dates.kept(parameter.kind(), kept) : value);
  }
}
