package io.rananeeti.dynamo;

import io.rananeeti.dynamo.PartiqlLexer.Unreadable;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ExecuteStatementRequest;
import software.amazon.awssdk.services.dynamodb.model.ExecuteStatementResponse;

/** The answer to a query, page by page, each when it is asked for. Used by one thread. */
final class Pages {

  private final DynamoConnection connection;
  private final String text;
  private final List<AttributeValue> parameters;
  private final int size;
  private @Nullable String token;
  private boolean over;

  Pages(DynamoConnection connection, String text, List<AttributeValue> parameters, int size) {
    this.connection = connection;
    this.text = text;
    this.parameters = parameters;
    this.size = size;
  }

  /** Whether there is no other page. */
  boolean isOver() {
    return over;
  }

  /** The next page, which may be empty though others follow. */
  List<Map<String, AttributeValue>> next() throws SQLException {
    ExecuteStatementRequest.Builder request =
        ExecuteStatementRequest.builder()
            .statement(text)
            .consistentRead(connection.store().consistentReads())
            .nextToken(token);
    if (!parameters.isEmpty()) {
      request.parameters(parameters);
    }
    if (size > 0) {
      request.limit(size);
    }
    ExecuteStatementResponse answer = ask(request.build());
    token = answer.nextToken();
    over = token == null;
    return answer.items();
  }

  private ExecuteStatementResponse ask(ExecuteStatementRequest request) throws SQLException {
    try {
      return connection.call(
          call ->
              connection
                  .store()
                  .database()
                  .ask("query", call, client -> client.executeStatement(request)));
    } catch (SQLException e) {
      throw "22023".equals(e.getSQLState()) ? placed(e) : Failures.in(text, e);
    }
  }

  /** With the place where the text ceases to be a query, as far as that can be said. */
  private SQLException placed(SQLException refused) {
    try {
      Parser.labels(text);
      return Failures.in(text, refused);
    } catch (Unreadable e) {
      return new SQLSyntaxErrorException(e.in(text), "42601");
    }
  }

  /** The labels of its columns; empty if it takes all attributes there are. */
  List<String> labels() {
    try {
      return Parser.labels(text);
    } catch (Unreadable e) {
      return List.of();
    }
  }
}
