package io.rananeeti.dynamo;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A part of a PartiQL statement, as DynamoDB's expressions say the same. Immutable. */
interface Expression {

  /** As it stands in an expression of DynamoDB's. */
  String render(Placeholders into) throws SQLException;

  /** All of these, as arguments. */
  static String rendered(List<Expression> all, Placeholders into) throws SQLException {
    List<String> rendered = new ArrayList<>();
    for (Expression one : all) {
      rendered.add(one.render(into));
    }
    return String.join(", ", rendered);
  }

  /** A value that is known once the parameters are. */
  interface Constant extends Expression {

    AttributeValue value(List<AttributeValue> parameters) throws SQLException;

    /** Of all of these. */
    static List<AttributeValue> values(List<Constant> all, List<AttributeValue> parameters)
        throws SQLException {
      List<AttributeValue> values = new ArrayList<>();
      for (Constant one : all) {
        values.add(one.value(parameters));
      }
      return values;
    }

    @Override
    default String render(Placeholders into) throws SQLException {
      return into.value(value(into.parameters()));
    }
  }

  /** The parameter with this number, from 0. */
  record Parameter(int number) implements Constant {
    @Override
    public AttributeValue value(List<AttributeValue> parameters) {
      return parameters.get(number);
    }
  }

  /** A literal. */
  record Literal(AttributeValue literal) implements Constant {
    @Override
    public AttributeValue value(List<AttributeValue> parameters) {
      return literal;
    }
  }

  /** {@code [a, b]}. */
  record Listed(List<Constant> elements) implements Constant {
    @Override
    public AttributeValue value(List<AttributeValue> parameters) throws SQLException {
      return AttributeValue.fromL(Constant.values(elements, parameters));
    }
  }

  /** {@code {'a': b}}. */
  record Mapped(Map<String, Constant> entries) implements Constant {
    @Override
    public AttributeValue value(List<AttributeValue> parameters) throws SQLException {
      Map<String, AttributeValue> all = new LinkedHashMap<>();
      for (Map.Entry<String, Constant> entry : entries.entrySet()) {
        all.put(entry.getKey(), entry.getValue().value(parameters));
      }
      return AttributeValue.fromM(all);
    }
  }

  /** <code>&lt;&lt;a, b&gt;&gt;</code>. */
  record Bag(List<Constant> elements) implements Constant {
    @Override
    public AttributeValue value(List<AttributeValue> parameters) throws SQLException {
      return Values.setOf(Constant.values(elements, parameters));
    }
  }

  /** {@code a.b[2]}: a name, then names and numbers. */
  record Path(List<Object> steps) implements Expression {

    /** The name, if it is nothing but one; empty else. */
    String name() {
      return steps.size() == 1 ? String.valueOf(steps.get(0)) : "";
    }

    @Override
    public String render(Placeholders into) {
      StringBuilder path = new StringBuilder();
      for (Object step : steps) {
        if (step instanceof Integer index) {
          path.append('[').append(index).append(']');
        } else {
          path.append(path.isEmpty() ? "" : ".").append(into.name((String) step));
        }
      }
      return path.toString();
    }
  }

  /** Two with an operator between them. */
  record Infix(Expression left, String operator, Expression right) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return left.render(into) + " " + operator + " " + right.render(into);
    }
  }

  /** {@code NOT a}. */
  record Not(Expression negated) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return "NOT " + negated.render(into);
    }
  }

  /** In parentheses. */
  record Group(Expression inner) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return "(" + inner.render(into) + ")";
    }
  }

  /** {@code a BETWEEN b AND c}. */
  record Between(Expression tested, Expression low, Expression high) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return tested.render(into) + " BETWEEN " + low.render(into) + " AND " + high.render(into);
    }
  }

  /** {@code name(a, b)}; {@code a IN (b, c)} with a name of its own. */
  record Call(String function, List<Expression> arguments) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return function + "(" + rendered(arguments, into) + ")";
    }
  }

  /** {@code a IN (b, c)}. */
  record In(Expression tested, List<Expression> among) implements Expression {
    @Override
    public String render(Placeholders into) throws SQLException {
      return tested.render(into) + " IN (" + rendered(among, into) + ")";
    }
  }

  /** Names and values that stand beside the expressions of one action. Used by one thread. */
  final class Placeholders {

    private final List<AttributeValue> parameters;
    private final Map<String, String> byName = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, AttributeValue> values = new LinkedHashMap<>();

    Placeholders(List<AttributeValue> parameters) {
      this.parameters = parameters;
    }

    List<AttributeValue> parameters() {
      return parameters;
    }

    String name(String attribute) {
      String known = byName.get(attribute);
      if (known != null) {
        return known;
      }
      String placeholder = "#n" + byName.size();
      byName.put(attribute, placeholder);
      names.put(placeholder, attribute);
      return placeholder;
    }

    String value(AttributeValue value) {
      String placeholder = ":v" + values.size();
      values.put(placeholder, value);
      return placeholder;
    }

    Map<String, String> names() {
      return names;
    }

    Map<String, AttributeValue> values() {
      return values;
    }
  }
}
