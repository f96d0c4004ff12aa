package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Command.Assignment;
import io.rananeeti.dynamo.Expression.Constant;
import io.rananeeti.dynamo.Expression.Path;
import io.rananeeti.dynamo.PartiqlLexer.Token;
import io.rananeeti.dynamo.PartiqlLexer.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Reads the statements of PartiQL that write, as DynamoDB has them, and the texts of enlisted
 * operations. Of a query it only says where it ceases to be one: DynamoDB reads that itself.
 *
 * <p>Writes are read here and sent as actions of {@code TransactWriteItems}, because {@code
 * ExecuteTransaction} takes no enlisted operations and tells a duplicate key without the item that
 * stands there. Used once.
 */
final class Parser {

  private static final Set<String> TESTS =
      Set.of(
          "begins_with", "contains", "attribute_type", "attribute_exists", "attribute_not_exists");

  private static final Set<String> COMPARISONS = Set.of("=", "<>", "!=", "<", "<=", ">", ">=");

  private static final Set<String> OPENINGS = Set.of("?", "-", "[", "{", "<<");

  private static final Set<String> RESERVED =
      Set.of(
          "AND", "OR", "NOT", "SET", "REMOVE", "WHERE", "BETWEEN", "IN", "IS", "RETURNING", "FROM");

  private final List<Token> tokens;
  private int at;
  private int parameters;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /**
   * A text and what it asks for.
   *
   * @param parameters how many {@code ?} it has
   */
  record Parsed(Command command, int parameters) {}

  /** What this text asks for. */
  static Parsed parse(String text) throws Unreadable {
    Parser parser = new Parser(PartiqlLexer.tokens(text));
    Command command = parser.command();
    int count = command instanceof ItemCommand item ? item.parameters() : parser.parameters;
    return new Parsed(command, count);
  }

  /**
   * Reads a query in full, to find out where it is none.
   *
   * @return the labels of its columns; empty if it takes all attributes there are
   */
  static List<String> labels(String text) throws Unreadable {
    Parser parser = new Parser(PartiqlLexer.tokens(text));
    parser.expect("SELECT");
    return parser.select();
  }

  private Command command() throws Unreadable {
    if (peek().is("SELECT")) {
      return query();
    }
    if (take("INSERT")) {
      return insert();
    }
    if (take("UPDATE")) {
      return take("ITEM") ? item(ItemCommand.Verb.UPDATE, "IN") : update();
    }
    if (take("DELETE")) {
      return take("ITEM") ? item(ItemCommand.Verb.DELETE, "FROM") : delete();
    }
    if (take("PUT")) {
      expect("ITEM");
      return item(ItemCommand.Verb.PUT, "INTO");
    }
    if (take("CHECK")) {
      expect("ITEM");
      return item(ItemCommand.Verb.CHECK, "IN");
    }
    throw wrong("expected SELECT, INSERT, UPDATE or DELETE");
  }

  private Command query() throws Unreadable {
    for (Token token : tokens) {
      if (token.is("?")) {
        parameters++;
      } else if (token.is(";")
          && tokens.get(tokens.indexOf(token) + 1).type() != PartiqlLexer.Type.END) {
        throw new Unreadable("a text holds one statement", token.start());
      }
    }
    return new Command.Query();
  }

  private Command insert() throws Unreadable {
    expect("INTO");
    String table = table();
    if (peek().is("VALUES")) {
      throw wrong("PartiQL inserts one item: VALUE {...}");
    }
    expect("VALUE");
    Constant item = constant();
    end();
    return new Command.Insert(table, item);
  }

  private Command update() throws Unreadable {
    String table = table();
    List<Assignment> assignments = new ArrayList<>();
    while (true) {
      if (take("SET")) {
        do {
          assignments.add(assignment());
        } while (take(","));
      } else if (take("REMOVE")) {
        do {
          assignments.add(new Assignment("REMOVE", path(), null));
        } while (take(","));
      } else {
        break;
      }
    }
    if (assignments.isEmpty()) {
      throw wrong("expected SET or REMOVE");
    }
    return new Command.Change(table, assignments, where());
  }

  private Command delete() throws Unreadable {
    expect("FROM");
    return new Command.Removal(table(), where());
  }

  private List<Expression> where() throws Unreadable {
    expect("WHERE");
    List<Expression> conjuncts = conjuncts();
    if (take("OR")) {
      throw before("a write names one item by its key, so WHERE has no OR outside parentheses");
    }
    if (peek().is("RETURNING")) {
      throw wrong("RETURNING needs an answer before the commit, and all writes are sent with it");
    }
    end();
    return conjuncts;
  }

  private Assignment assignment() throws Unreadable {
    Path path = path();
    expect("=");
    String function =
        peek().type() == PartiqlLexer.Type.WORD ? peek().text().toLowerCase(Locale.ROOT) : "";
    if ((function.equals("set_add") || function.equals("set_delete")) && next().is("(")) {
      at += 2;
      Path of = path();
      if (!of.equals(path)) {
        throw before(function + " takes the attribute that is set as its first argument");
      }
      expect(",");
      Constant value = constant();
      expect(")");
      return new Assignment(function.equals("set_add") ? "ADD" : "DELETE", path, value);
    }
    Expression value = summand();
    if (peek().is("+") || peek().is("-")) {
      String operator = advance().text();
      value = new Expression.Infix(value, operator, summand());
    }
    return new Assignment("SET", path, value);
  }

  private Expression summand() throws Unreadable {
    String function =
        peek().type() == PartiqlLexer.Type.WORD ? peek().text().toLowerCase(Locale.ROOT) : "";
    if ((function.equals("list_append") || function.equals("if_not_exists")) && next().is("(")) {
      at += 2;
      Expression first = function.equals("list_append") ? summand() : path();
      expect(",");
      Expression second = summand();
      expect(")");
      return new Expression.Call(function, List.of(first, second));
    }
    return beginsConstant() ? constant() : path();
  }

  private List<String> select() throws Unreadable {
    List<String> labels = new ArrayList<>();
    if (!take("*")) {
      do {
        List<Object> steps = path().steps();
        labels.add(String.valueOf(steps.get(steps.size() - 1)));
      } while (take(","));
    }
    expect("FROM");
    table();
    if (take(".")) {
      name("an index");
    }
    if (take("WHERE")) {
      disjunction();
    }
    if (take("ORDER")) {
      expect("BY");
      do {
        path();
        if (!take("ASC")) {
          take("DESC");
        }
      } while (take(","));
    }
    end();
    return labels;
  }

  private List<Expression> conjuncts() throws Unreadable {
    List<Expression> all = new ArrayList<>();
    do {
      all.add(negation());
    } while (take("AND"));
    return all;
  }

  private Expression disjunction() throws Unreadable {
    Expression all = conjunction();
    while (take("OR")) {
      all = new Expression.Infix(all, "OR", conjunction());
    }
    return all;
  }

  private Expression conjunction() throws Unreadable {
    Expression all = null;
    for (Expression one : conjuncts()) {
      all = all == null ? one : new Expression.Infix(all, "AND", one);
    }
    if (all == null) {
      throw wrong("expected a condition");
    }
    return all;
  }

  private Expression negation() throws Unreadable {
    return take("NOT") ? new Expression.Not(negation()) : predicate();
  }

  private Expression predicate() throws Unreadable {
    if (take("(")) {
      Expression inner = disjunction();
      expect(")");
      return new Expression.Group(inner);
    }
    String function =
        peek().type() == PartiqlLexer.Type.WORD ? peek().text().toLowerCase(Locale.ROOT) : "";
    if (TESTS.contains(function) && next().is("(")) {
      return call(function);
    }
    Expression left = operand();
    if (COMPARISONS.contains(peek().text()) && peek().type() == PartiqlLexer.Type.SYMBOL) {
      String operator = advance().text();
      return new Expression.Infix(left, operator.equals("!=") ? "<>" : operator, operand());
    }
    if (take("BETWEEN")) {
      Expression low = operand();
      expect("AND");
      return new Expression.Between(left, low, operand());
    }
    if (take("IN")) {
      return in(left);
    }
    if (take("IS")) {
      return is(left);
    }
    throw wrong("expected a comparison");
  }

  private Expression in(Expression left) throws Unreadable {
    String close = peek().is("[") ? "]" : ")";
    if (!take("[")) {
      expect("(");
    }
    List<Expression> among = new ArrayList<>();
    do {
      among.add(operand());
    } while (take(","));
    expect(close);
    return new Expression.In(left, among);
  }

  /** Missing is not null: an attribute that is there and has the type NULL. */
  private Expression is(Expression left) throws Unreadable {
    boolean not = take("NOT");
    if (take("MISSING")) {
      return new Expression.Call(not ? "attribute_exists" : "attribute_not_exists", List.of(left));
    }
    expect("NULL");
    Expression isNull =
        new Expression.Call(
            "attribute_type", List.of(left, new Expression.Literal(AttributeValue.fromS("NULL"))));
    return not ? new Expression.Not(isNull) : isNull;
  }

  private Expression call(String function) throws Unreadable {
    at += 2;
    List<Expression> arguments = new ArrayList<>();
    arguments.add(path());
    while (take(",")) {
      arguments.add(operand());
    }
    expect(")");
    return new Expression.Call(function, arguments);
  }

  private Expression operand() throws Unreadable {
    if (peek().is("size") && next().is("(")) {
      return call("size");
    }
    return beginsConstant() ? constant() : path();
  }

  private boolean beginsConstant() {
    Token token = peek();
    return switch (token.type()) {
      case STRING, NUMBER -> true;
      case SYMBOL -> OPENINGS.contains(token.text());
      case WORD -> token.is("TRUE") || token.is("FALSE") || token.is("NULL");
      case QUOTED, END -> false;
    };
  }

  private Constant constant() throws Unreadable {
    Token token = advance();
    switch (token.type()) {
      case STRING -> {
        return new Expression.Literal(AttributeValue.fromS(token.text()));
      }
      case NUMBER -> {
        return new Expression.Literal(AttributeValue.fromN(token.text()));
      }
      default -> {
        Constant found = otherConstant(token);
        if (found != null) {
          return found;
        }
      }
    }
    at--;
    throw wrong("expected a value");
  }

  private @Nullable Constant otherConstant(Token token) throws Unreadable {
    if (token.type() == PartiqlLexer.Type.QUOTED || token.type() == PartiqlLexer.Type.END) {
      return null;
    }
    return switch (token.text().toUpperCase(Locale.ROOT)) {
      case "?" -> new Expression.Parameter(parameters++);
      case "-" -> {
        if (peek().type() != PartiqlLexer.Type.NUMBER) {
          throw wrong("expected a number");
        }
        yield new Expression.Literal(AttributeValue.fromN("-" + advance().text()));
      }
      case "[" -> new Expression.Listed(constants("]"));
      case "<<" -> {
        if (peek().is(">>")) {
          throw wrong("a set has at least one element");
        }
        yield new Expression.Bag(constants(">>"));
      }
      case "{" -> map();
      case "TRUE" -> new Expression.Literal(AttributeValue.fromBool(true));
      case "FALSE" -> new Expression.Literal(AttributeValue.fromBool(false));
      case "NULL" -> new Expression.Literal(AttributeValue.fromNul(true));
      default -> null;
    };
  }

  private List<Constant> constants(String close) throws Unreadable {
    List<Constant> all = new ArrayList<>();
    if (take(close)) {
      return all;
    }
    do {
      all.add(constant());
    } while (take(","));
    expect(close);
    return all;
  }

  private Constant map() throws Unreadable {
    Map<String, Constant> entries = new LinkedHashMap<>();
    if (take("}")) {
      return new Expression.Mapped(entries);
    }
    do {
      Token name = advance();
      if (name.type() != PartiqlLexer.Type.STRING) {
        at--;
        throw wrong("expected an attribute's name in single quotes");
      }
      expect(":");
      if (entries.putIfAbsent(name.text(), constant()) != null) {
        throw new Unreadable("a map has each name once", name.start());
      }
    } while (take(","));
    expect("}");
    return new Expression.Mapped(entries);
  }

  private Path path() throws Unreadable {
    List<Object> steps = new ArrayList<>();
    steps.add(name("an attribute"));
    while (true) {
      if (take(".")) {
        steps.add(name("an attribute"));
      } else if (take("[")) {
        Token step = advance();
        if (step.type() == PartiqlLexer.Type.NUMBER && step.text().matches("[0-9]{1,9}")) {
          steps.add(Integer.valueOf(step.text()));
        } else if (step.type() == PartiqlLexer.Type.STRING) {
          steps.add(step.text());
        } else {
          at--;
          throw wrong("expected an index");
        }
        expect("]");
      } else {
        return new Path(steps);
      }
    }
  }

  private String table() throws Unreadable {
    return name("a table");
  }

  private String name(String what) throws Unreadable {
    Token token = peek();
    boolean word =
        token.type() == PartiqlLexer.Type.WORD
            && !RESERVED.contains(token.text().toUpperCase(Locale.ROOT));
    if (!word && token.type() != PartiqlLexer.Type.QUOTED) {
      throw wrong("expected " + what);
    }
    return advance().text();
  }

  private Command item(ItemCommand.Verb verb, String preposition) throws Unreadable {
    expect(preposition);
    String table = quotedName();
    String update = take("DO") ? quotedName() : null;
    String condition = take("IF") ? quotedName() : null;
    Map<String, String> names = new LinkedHashMap<>();
    if (take("NAMES")) {
      do {
        String name = quotedName();
        expect("=");
        names.put(name, quotedName());
      } while (take(","));
    }
    List<String> values = new ArrayList<>();
    if (take("VALUES")) {
      do {
        values.add(quotedName());
      } while (take(","));
    }
    end();
    return new ItemCommand(verb, table, update, condition, names, values);
  }

  private String quotedName() throws Unreadable {
    if (peek().type() != PartiqlLexer.Type.QUOTED) {
      throw wrong("expected something in double quotes");
    }
    return advance().text();
  }

  private void end() throws Unreadable {
    take(";");
    if (peek().type() != PartiqlLexer.Type.END) {
      throw wrong("expected the end of the statement");
    }
  }

  private boolean take(String word) {
    boolean there = peek().is(word);
    at += there ? 1 : 0;
    return there;
  }

  private void expect(String word) throws Unreadable {
    if (!take(word)) {
      throw wrong("expected " + word);
    }
  }

  private Token peek() {
    return tokens.get(at);
  }

  private Token next() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  private Token advance() {
    Token token = peek();
    if (token.type() != PartiqlLexer.Type.END) {
      at++;
    }
    return token;
  }

  private Unreadable wrong(String what) {
    return new Unreadable(what, peek().start());
  }

  private Unreadable before(String what) {
    return new Unreadable(what, tokens.get(at - 1).start());
  }
}
