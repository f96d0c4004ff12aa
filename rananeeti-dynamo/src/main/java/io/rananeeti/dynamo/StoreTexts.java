package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Parser.Parsed;
import io.rananeeti.dynamo.PartiqlLexer.Unreadable;
import io.rananeeti.store.StatementReader;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;

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
  public String masked(String text) {
    return PartiqlLexer.masked(text);
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
