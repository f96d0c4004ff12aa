package io.rananeeti.dynamo;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What is said of an item operation before it is enlisted. Immutable.
 *
 * @param subject the item of a put, the key of the others
 */
record Enlisted(
    String store,
    ItemCommand.Verb verb,
    String table,
    Map<String, AttributeValue> subject,
    @Nullable String update,
    @Nullable String condition,
    Map<String, String> names,
    Map<String, AttributeValue> values)
    implements StoreOperation {

  private static final Pattern PLACEHOLDER = Pattern.compile("[#:][A-Za-z0-9_]+");

  static Enlisted of(String store, ItemCommand.Verb verb, String table, Map<String, ?> subject) {
    return new Enlisted(store, verb, table, attributes(subject), null, null, Map.of(), Map.of());
  }

  Enlisted withUpdate(String expression) {
    return new Enlisted(store, verb, table, subject, expression, condition, names, values);
  }

  Enlisted withCondition(String expression) {
    return new Enlisted(store, verb, table, subject, update, expression, names, values);
  }

  Enlisted withName(String placeholder, String attribute) {
    Map<String, String> more = new LinkedHashMap<>(names);
    more.put(placeholder, attribute);
    return new Enlisted(store, verb, table, subject, update, condition, more, values);
  }

  Enlisted withValue(String placeholder, @Nullable Object value) {
    Map<String, AttributeValue> more = new LinkedHashMap<>(values);
    more.put(placeholder, attribute(value));
    return new Enlisted(store, verb, table, subject, update, condition, names, more);
  }

  @Override
  public Operation operation() {
    if (verb == ItemCommand.Verb.UPDATE && update == null) {
      throw new IllegalStateException("an update needs its expression: call update(...)");
    }
    if (verb == ItemCommand.Verb.CHECK && condition == null) {
      throw new IllegalStateException("a check needs its condition: call onlyIf(...)");
    }
    check(names.keySet(), '#');
    check(values.keySet(), ':');
    List<Parameter> row = new ArrayList<>();
    row.add(DynamoTypes.parameter(AttributeValue.fromM(subject)));
    values.values().forEach(value -> row.add(DynamoTypes.parameter(value)));
    ItemCommand command =
        new ItemCommand(verb, table, update, condition, names, List.copyOf(values.keySet()));
    return new Operation(command.text(), true, List.of(row), List.of(1L));
  }

  /** DynamoDB refuses what is missing and what is too much; in an outage that would be too late. */
  private void check(Set<String> given, char mark) {
    Set<String> used = new TreeSet<>();
    String expressions = Objects.toString(update, "") + " " + Objects.toString(condition, "");
    PLACEHOLDER.matcher(expressions).results().map(MatchResult::group).forEach(used::add);
    used.removeIf(placeholder -> placeholder.charAt(0) != mark);
    if (!used.equals(new TreeSet<>(given))) {
      throw new IllegalStateException(
          "the expressions of the %s use %s, and given are %s".formatted(this, used, given));
    }
  }

  /** Shows no value. */
  @Override
  public String toString() {
    return verb + " of an item of table " + table;
  }

  private static Map<String, AttributeValue> attributes(Map<String, ?> values) {
    try {
      return Map.copyOf(Values.item(values));
    } catch (SQLException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static AttributeValue attribute(@Nullable Object value) {
    try {
      return Values.of(value);
    } catch (SQLException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
