package io.rananeeti.dynamo;

import io.rananeeti.dynamo.Parser.Parsed;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Turns texts with parameters into actions. Thread-safe. */
final class Operations {

  private final Database database;

  Operations(Database database) {
    this.database = database;
  }

  /** Adds what was recorded. */
  void add(List<Operation> operations, Buffer to) throws SQLException {
    for (Operation operation : operations) {
      Parsed parsed = StoreTexts.parse(operation.sql());
      for (int row = 0; row < operation.rows().size(); row++) {
        List<Parameter> values = operation.rows().get(row);
        boolean counted = operation.promised().get(row) != Operation.ANY;
        to.add(action(parsed, operation.sql(), DynamoTypes.values(values), counted));
      }
    }
  }

  /** The action of one write. */
  Action action(Parsed parsed, String text, List<AttributeValue> parameters, boolean counted)
      throws SQLException {
    if (!(parsed.command() instanceof Command.Write write)) {
      throw new SQLSyntaxErrorException("it writes nothing: " + PartiqlLexer.masked(text), "42601");
    }
    if (parameters.size() != parsed.parameters()) {
      throw new SQLException(
          "the statement has %d parameters, and %d are set: %s"
              .formatted(parsed.parameters(), parameters.size(), PartiqlLexer.masked(text)),
          "22023");
    }
    try {
      return write.bind(parameters, database.key(write.table()), counted);
    } catch (SQLException e) {
      throw Failures.in(text, e);
    }
  }
}
