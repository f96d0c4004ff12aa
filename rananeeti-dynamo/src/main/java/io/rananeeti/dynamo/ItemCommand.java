package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Action.Unmet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionCheck;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/**
 * An enlisted item operation, in the words of DynamoDB's own API. Its text holds no value; the
 * first parameter is the item or key, the others are the values of its expressions.
 *
 * @param update the update expression, of an {@link Verb#UPDATE}; null for others
 * @param condition the condition expression; null if there is none
 * @param names what {@code #names} in the expressions stand for
 * @param values the {@code :values} in the expressions, in the order of the parameters
 */
record ItemCommand(
    Verb verb,
    String table,
    @Nullable String update,
    @Nullable String condition,
    Map<String, String> names,
    List<String> values)
    implements Command.Write {

  /** What is done to the item. */
  enum Verb {
    PUT("PUT ITEM INTO"),
    UPDATE("UPDATE ITEM IN"),
    DELETE("DELETE ITEM FROM"),
    CHECK("CHECK ITEM IN");

    final String words;

    Verb(String words) {
      this.words = words;
    }
  }

  /** As the log keeps it, dead letters show it, and {@link Parser} reads it. */
  String text() {
    StringBuilder text = new StringBuilder(verb.words).append(' ').append(quoted(table));
    if (update != null) {
      text.append(" DO ").append(quoted(update));
    }
    if (condition != null) {
      text.append(" IF ").append(quoted(condition));
    }
    String separator = " NAMES ";
    for (Map.Entry<String, String> name : names.entrySet()) {
      text.append(separator).append(quoted(name.getKey())).append(" = ");
      text.append(quoted(name.getValue()));
      separator = ", ";
    }
    separator = " VALUES ";
    for (String value : values) {
      text.append(separator).append(quoted(value));
      separator = ", ";
    }
    return text.toString();
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  int parameters() {
    return 1 + values.size();
  }

  @Override
  public Action bind(List<AttributeValue> parameters, TableKey key, boolean counted)
      throws SQLException {
    AttributeValue first = parameters.get(0);
    if (!first.hasM()) {
      throw new SQLDataException(verb.words + " " + table + " takes a map first", "22023");
    }
    Map<String, AttributeValue> item = first.m();
    Map<String, AttributeValue> found = Command.keyOf(table, key, item);
    if (verb != Verb.PUT && item.size() > found.size()) {
      throw new SQLDataException(
          "the key of table %s is %s, and nothing else".formatted(table, key.shown()), "22023");
    }
    Map<String, AttributeValue> given = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      given.put(values.get(i), parameters.get(i + 1));
    }
    return new Action(
        request(item, given.isEmpty() ? null : given),
        table,
        found,
        Unmet.CONDITION,
        Values.size(item) + Values.size(given));
  }

  private TransactWriteItem request(
      Map<String, AttributeValue> item, @Nullable Map<String, AttributeValue> given) {
    TransactWriteItem.Builder request = TransactWriteItem.builder();
    Map<String, String> named = names.isEmpty() ? null : names;
    switch (verb) {
      case PUT -> {
        Put.Builder put = Put.builder().tableName(table).item(item).conditionExpression(condition);
        request.put(put.expressionAttributeNames(named).expressionAttributeValues(given).build());
      }
      case UPDATE -> {
        Update.Builder update =
            Update.builder().tableName(table).key(item).conditionExpression(condition);
        update.updateExpression(Objects.requireNonNull(this.update, "update"));
        request.update(
            update.expressionAttributeNames(named).expressionAttributeValues(given).build());
      }
      case DELETE -> {
        Delete.Builder delete =
            Delete.builder().tableName(table).key(item).conditionExpression(condition);
        request.delete(
            delete.expressionAttributeNames(named).expressionAttributeValues(given).build());
      }
      case CHECK -> {
        ConditionCheck.Builder check =
            ConditionCheck.builder().tableName(table).key(item).conditionExpression(condition);
        request.conditionCheck(
            check.expressionAttributeNames(named).expressionAttributeValues(given).build());
      }
    }
    return request.build();
  }
}
