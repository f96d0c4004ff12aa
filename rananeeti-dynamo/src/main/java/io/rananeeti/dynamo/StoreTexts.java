package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Parser.Parsed;
import io.rananeeti.dynamo.PartiqlLexer.Unreadable;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.StatementReader;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the texts of this store are. Stateless, thread-safe. */
final class StoreTexts implements StatementReader {

  static final StoreTexts INSTANCE = new StoreTexts();

  private StoreTexts() {}

  @Override
  public Reading read(String text) {
    Parsed parsed;
    try {
      parsed = Parser.parse(text);
    } catch (Unreadable e) {
      return new Reading(Kind.REFUSED, 0, e.in(text));
    }
    Kind kind =
        parsed.command() instanceof Command.Query
            ? Kind.QUERY
            : parsed.command() instanceof Command.Insert || parsed.command() instanceof ItemCommand
                ? Kind.INSERT
                : Kind.WRITE;
    return new Reading(kind, parsed.parameters(), null);
  }

  @Override
  public @Nullable String refusal(List<Operation> recorded) {
    int actions = 0;
    long size = 0;
    for (Operation operation : recorded) {
      actions += operation.rows().size();
      for (List<Parameter> row : operation.rows()) {
        size += row.stream().mapToLong(StoreTexts::size).sum();
      }
    }
    return Buffer.refusal(actions, size);
  }

  private static long size(Parameter parameter) {
    Object value = parameter.value();
    if (value instanceof byte[] bytes) {
      return bytes.length;
    }
    if (!(value instanceof String text)) {
      return 8;
    }
    try {
      return parameter.kind() == Parameter.Kind.DRIVER
          ? Values.size(AttributeJson.read(text))
          : Values.utf8(text);
    } catch (IllegalArgumentException none) {
      return Values.utf8(text); // Refused when it is read.
    }
  }

  /**
   * What a text asks for.
   *
   * @throws SQLException 42601 with the statement and the place
   */
  static Parsed parse(String text) throws SQLException {
    try {
      return Parser.parse(text);
    } catch (Unreadable e) {
      throw new SQLSyntaxErrorException(e.in(text), "42601");
    }
  }
}
