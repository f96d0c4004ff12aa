package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.InFlight;
import io.rananeeti.aws.internal.InFlight.Call;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

/** DynamoDB, as this store speaks to it. Thread-safe. */
final class Database implements AutoCloseable {

  private final DynamoDbClient client;
  private final InFlight inFlight;
  private final Map<String, TableKey> keys = new ConcurrentHashMap<>();

  Database(DynamoDbClient client, InFlight inFlight) {
    this.client = client;
    this.inFlight = inFlight;
  }

  /**
   * Asks it.
   *
   * @param step what is being done, for messages
   */
  <T> T ask(String step, Function<DynamoDbClient, T> request) throws SQLException {
    return ask(step, new Call(), request);
  }

  /** The same by a call that can be ended. */
  <T> T ask(String step, Call call, Function<DynamoDbClient, T> request) throws SQLException {
    try {
      return send(call, request);
    } catch (SdkException e) {
      throw Failures.of(step, e);
    }
  }

  /** The same, with the SDK's own exceptions. */
  <T> T send(Call call, Function<DynamoDbClient, T> request) {
    return inFlight.run(call, () -> request.apply(client));
  }

  /**
   * The primary key of a table; asked once.
   *
   * @throws SQLException 42P01 if there is no such table
   */
  TableKey key(String table) throws SQLException {
    TableKey known = keys.get(table);
    if (known != null) {
      return known;
    }
    TableDescription description = describe(table);
    if (description == null) {
      throw new SQLSyntaxErrorException("there is no table " + table, "42P01");
    }
    TableKey found =
        new TableKey(
            attribute(description, KeyType.HASH, table),
            description.keySchema().stream()
                .filter(element -> element.keyType() == KeyType.RANGE)
                .map(KeySchemaElement::attributeName)
                .findFirst()
                .orElse(null));
    keys.put(table, found);
    return found;
  }

  private static String attribute(TableDescription description, KeyType type, String table)
      throws SQLException {
    return description.keySchema().stream()
        .filter(element -> element.keyType() == type)
        .map(KeySchemaElement::attributeName)
        .findFirst()
        .orElseThrow(() -> new SQLException("table " + table + " has no key", "XX000"));
  }

  /** What there is of a table; null if it does not exist. */
  @Nullable TableDescription describe(String table) throws SQLException {
    try {
      return send(new Call(), c -> c.describeTable(request -> request.tableName(table))).table();
    } catch (ResourceNotFoundException e) {
      return null;
    } catch (SdkException e) {
      throw Failures.of("describe table " + table, e);
    }
  }

  /** Tables may have been made anew. */
  void forgetKeys() {
    keys.clear();
  }

  /** Ends all calls that are on their way. */
  void sever() {
    inFlight.endAll();
  }

  @Override
  public void close() {
    inFlight.close();
    client.close();
  }
}
