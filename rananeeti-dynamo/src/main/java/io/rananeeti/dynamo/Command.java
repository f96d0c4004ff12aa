package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Action.Unmet;
import io.rananeeti.dynamo.Expression.Constant;
import io.rananeeti.dynamo.Expression.Infix;
import io.rananeeti.dynamo.Expression.Path;
import io.rananeeti.dynamo.Expression.Placeholders;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.Update;

/** What a text asks for. Immutable. */
sealed interface Command {

  /** A query: DynamoDB runs its text. */
  record Query() implements Command {}

  /** A write, which becomes one action of the transaction. */
  sealed interface Write extends Command permits Insert, Change, Removal, ItemCommand {

    /** Whose item it writes. */
    String table();

    /**
     * The action.
     *
     * @param parameters one for each {@code ?}
     * @param counted whether it was promised to change one item, and fails where it changes none
     * @throws SQLException if the parameters make no sense for that table
     */
    Action bind(List<AttributeValue> parameters, TableKey key, boolean counted) throws SQLException;
  }

  /** {@code INSERT INTO table VALUE item}. */
  record Insert(String table, Constant item) implements Write {

    @Override
    public Action bind(List<AttributeValue> parameters, TableKey key, boolean counted)
        throws SQLException {
      AttributeValue value = item.value(parameters);
      if (!value.hasM()) {
        throw new SQLDataException("INSERT into " + table + " takes a map as its item", "22023");
      }
      Map<String, AttributeValue> whole = value.m();
      Put put =
          Put.builder()
              .tableName(table)
              .item(whole)
              .conditionExpression("attribute_not_exists(#k)")
              .expressionAttributeNames(Map.of("#k", key.partition()))
              .build();
      return new Action(
          TransactWriteItem.builder().put(put).build(),
          table,
          keyOf(table, key, whole),
          Unmet.DUPLICATE,
          Values.size(whole));
    }
  }

  /** {@code UPDATE table SET ... REMOVE ... WHERE key AND condition}. */
  record Change(String table, List<Assignment> assignments, List<Expression> where)
      implements Write {

    @Override
    public Action bind(List<AttributeValue> parameters, TableKey key, boolean counted)
        throws SQLException {
      Where split = Where.of(table, key, where, parameters);
      Placeholders placeholders = new Placeholders(parameters);
      Update.Builder update =
          Update.builder()
              .tableName(table)
              .key(split.key())
              .updateExpression(Assignment.render(assignments, placeholders))
              .conditionExpression(split.condition(key, true, placeholders))
              .expressionAttributeNames(placeholders.names());
      if (!placeholders.values().isEmpty()) {
        update.expressionAttributeValues(placeholders.values());
      }
      return new Action(
          TransactWriteItem.builder().update(update.build()).build(),
          table,
          split.key(),
          Unmet.NO_ITEM,
          Values.size(split.key()) + Values.size(placeholders.values()));
    }
  }

  /** {@code DELETE FROM table WHERE key AND condition}. */
  record Removal(String table, List<Expression> where) implements Write {

    @Override
    public Action bind(List<AttributeValue> parameters, TableKey key, boolean counted)
        throws SQLException {
      Where split = Where.of(table, key, where, parameters);
      Placeholders placeholders = new Placeholders(parameters);
      String condition = split.condition(key, counted, placeholders);
      Delete.Builder delete = Delete.builder().tableName(table).key(split.key());
      if (!condition.isEmpty()) {
        delete.conditionExpression(condition).expressionAttributeNames(placeholders.names());
      }
      if (!placeholders.values().isEmpty()) {
        delete.expressionAttributeValues(placeholders.values());
      }
      return new Action(
          TransactWriteItem.builder().delete(delete.build()).build(),
          table,
          split.key(),
          Unmet.NO_ITEM,
          Values.size(split.key()) + Values.size(placeholders.values()));
    }
  }

  /**
   * One part of SET or REMOVE.
   *
   * @param section of DynamoDB's update expression: SET, REMOVE, ADD or DELETE
   */
  record Assignment(String section, Path path, @Nullable Expression value) {

    static String render(List<Assignment> assignments, Placeholders placeholders)
        throws SQLException {
      Map<String, List<String>> sections = new LinkedHashMap<>();
      for (Assignment one : assignments) {
        String path = one.path.render(placeholders);
        Expression value = one.value;
        one.checkSet(placeholders);
        String between = one.section.equals("SET") ? " = " : " ";
        sections
            .computeIfAbsent(one.section, section -> new ArrayList<>())
            .add(value == null ? path : path + between + value.render(placeholders));
      }
      List<String> all = new ArrayList<>();
      sections.forEach((section, parts) -> all.add(section + " " + String.join(", ", parts)));
      return String.join(" ", all);
    }

    /** DynamoDB's own ADD of a number adds up, without a word. */
    private void checkSet(Placeholders placeholders) throws SQLException {
      boolean ofSet = section.equals("ADD") || section.equals("DELETE");
      if (ofSet
          && value instanceof Constant constant
          && !Values.isSet(constant.value(placeholders.parameters()))) {
        throw new SQLDataException("set_add and set_delete take a set: <<?>>", "22023");
      }
    }
  }

  /** What WHERE says: the whole primary key, and conditions besides. */
  record Where(Map<String, AttributeValue> key, List<Expression> conditions) {

    static Where of(
        String table, TableKey key, List<Expression> conjuncts, List<AttributeValue> parameters)
        throws SQLException {
      Map<String, AttributeValue> found = new LinkedHashMap<>();
      List<Expression> conditions = new ArrayList<>();
      for (Expression conjunct : conjuncts) {
        if (conjunct instanceof Infix equal
            && equal.operator().equals("=")
            && equal.left() instanceof Path path
            && equal.right() instanceof Constant constant
            && key.has(path.name())
            && !found.containsKey(path.name())) {
          found.put(path.name(), constant.value(parameters));
        } else {
          conditions.add(conjunct);
        }
      }
      if (found.size() < key.names().size()) {
        throw new SQLSyntaxErrorException(
            "WHERE must give the whole primary key of table %s with =: %s"
                .formatted(table, key.shown()),
            "42601");
      }
      return new Where(found, conditions);
    }

    /** Empty if there is none. */
    String condition(TableKey key, boolean exists, Placeholders placeholders) throws SQLException {
      List<String> all = new ArrayList<>();
      if (exists) {
        all.add("attribute_exists(" + placeholders.name(key.partition()) + ")");
      }
      for (Expression condition : conditions) {
        all.add(condition.render(placeholders));
      }
      return String.join(" AND ", all);
    }
  }

  /** The key of a whole item. */
  static Map<String, AttributeValue> keyOf(
      String table, TableKey key, Map<String, AttributeValue> item) throws SQLException {
    Map<String, AttributeValue> found = key.of(item);
    if (found == null) {
      throw new SQLDataException(
          "an item of table %s needs its primary key: %s".formatted(table, key.shown()), "23502");
    }
    return found;
  }
}
