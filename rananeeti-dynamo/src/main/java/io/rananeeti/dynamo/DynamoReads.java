package io.rananeeti.dynamo;

import io.rananeeti.store.Failure;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;

/**
 * Reads of items: get and query. Thread-safe, immutable.
 *
 * <p>Items are maps of their attributes: text, BigDecimal, byte[], Boolean, null, Set, List, Map. A
 * read sees what was committed, and nothing of what waits in a log or in an open transaction. While
 * DynamoDB can't be reached, reads fail with SQLSTATE {@code 08006}, or {@code 53000} where it
 * throttles.
 */
public final class DynamoReads {

  private final Supplier<DynamoStore.Opened> store;
  private final boolean consistent;

  DynamoReads(Supplier<DynamoStore.Opened> store, boolean consistent) {
    this.store = store;
    this.consistent = consistent;
  }

  /** The same, seeing all that was committed before the read; twice the cost. */
  public DynamoReads consistent() {
    return new DynamoReads(store, true);
  }

  /** The same, perhaps some moments behind. */
  public DynamoReads eventual() {
    return new DynamoReads(store, false);
  }

  /**
   * An item.
   *
   * @param key its whole primary key
   * @return empty if there is none
   * @throws SQLException 08006 or 53000 if DynamoDB does not answer, 42P01 if there is no such
   *     table
   */
  public Optional<Map<String, @Nullable Object>> get(String table, Map<String, ?> key)
      throws SQLException {
    Map<String, AttributeValue> attributes = Values.item(key);
    GetItemResponse answer =
        ask(
            "get of table " + table,
            client ->
                client.getItem(
                    request ->
                        request.tableName(table).key(attributes).consistentRead(consistent)));
    return answer.hasItem() ? Optional.of(Values.toJava(answer.item())) : Optional.empty();
  }

  /** Begins to describe a query of a table. */
  public ItemQuery query(String table) {
    return new ItemQuery(this, table, consistent);
  }

  <T> T ask(String what, Function<DynamoDbClient, T> request) throws SQLException {
    DynamoStore.Opened opened = store.get();
    try {
      return opened.database().ask(what, request);
    } catch (SQLException e) {
      if (Failures.classify(e) == Failure.UNREACHABLE) {
        opened.host().suspect();
      }
      throw e;
    }
  }
}
