package io.rananeeti.dynamo;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/**
 * A query of the items with one partition key, in the order of the sort key. Not thread-safe.
 *
 * <pre>{@code
 * List<Map<String, Object>> dishes =
 *     store.reads().query("dishes").where("day = :day").value(":day", "monday").list();
 * }</pre>
 */
public final class ItemQuery {

  private final DynamoReads reads;
  private final QueryRequest.Builder request;
  private final String table;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, AttributeValue> values = new HashMap<>();
  private long most = Long.MAX_VALUE;

  ItemQuery(DynamoReads reads, String table, boolean consistent) {
    this.reads = reads;
    this.table = table;
    this.request = QueryRequest.builder().tableName(table).consistentRead(consistent);
  }

  /** The key condition, as in {@code pk = :pk AND sk > :from}; needed. */
  public ItemQuery where(String keyCondition) {
    request.keyConditionExpression(keyCondition);
    return this;
  }

  /** What else the items have to meet; those that do not are read and paid all the same. */
  public ItemQuery filter(String condition) {
    request.filterExpression(condition);
    return this;
  }

  /** By a secondary index; a global one can't be read consistently. */
  public ItemQuery index(String index) {
    request.indexName(index);
    return this;
  }

  /** What a {@code #name} stands for. */
  public ItemQuery name(String placeholder, String attribute) {
    names.put(placeholder, attribute);
    return this;
  }

  /**
   * What a {@code :value} stands for.
   *
   * @throws SQLException 22023 if DynamoDB has no type for it
   */
  public ItemQuery value(String placeholder, @Nullable Object value) throws SQLException {
    values.put(placeholder, Values.of(value));
    return this;
  }

  /** The highest sort key first. */
  public ItemQuery descending() {
    request.scanIndexForward(false);
    return this;
  }

  /** The most items that are wanted; at least 1. Default: all. */
  public ItemQuery limit(long items) {
    if (items < 1) {
      throw new IllegalArgumentException("a limit is at least 1: " + items);
    }
    most = items;
    return this;
  }

  /**
   * All of them, page by page.
   *
   * @throws SQLException as {@link DynamoReads#get}
   */
  public List<Map<String, @Nullable Object>> list() throws SQLException {
    if (!names.isEmpty()) {
      request.expressionAttributeNames(names);
    }
    if (!values.isEmpty()) {
      request.expressionAttributeValues(values);
    }
    List<Map<String, @Nullable Object>> found = new ArrayList<>();
    Map<String, AttributeValue> last = Map.of();
    do {
      request.exclusiveStartKey(last.isEmpty() ? null : last);
      QueryResponse page =
          reads.ask("query of table " + table, client -> client.query(request.build()));
      for (Map<String, AttributeValue> item : page.items()) {
        if (found.size() < most) {
          found.add(Values.toJava(item));
        }
      }
      last = page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : Map.of();
    } while (!last.isEmpty() && found.size() < most);
    return found;
  }
}
