package io.rananeeti.dynamo;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes an item, in a unit of work.
 *
 * <p>Expressions are those of DynamoDB, with {@code #names} and {@code :values} in them. Values are
 * text, numbers, byte[], Boolean, null, Set, List, Map, dates and times, or the SDK's {@code
 * AttributeValue}. Immutable.
 *
 * <pre>{@code
 * connection.enlist(
 *     UpdateItem.in("menu", "dishes", Map.of("pk", "soup"))
 *         .update("SET price = :price")
 *         .value(":price", 6));
 * }</pre>
 */
public final class UpdateItem implements StoreOperation {

  private final Enlisted enlisted;

  private UpdateItem(Enlisted enlisted) {
    this.enlisted = enlisted;
  }

  /**
   * Changes some attributes of an item; makes it if there is none.
   *
   * @param store the platform's name of the store
   * @param key the whole primary key, and nothing else
   * @throws IllegalArgumentException if DynamoDB has no type for one of the values
   */
  public static UpdateItem in(String store, String table, Map<String, ?> key) {
    return new UpdateItem(Enlisted.of(store, ItemCommand.Verb.UPDATE, table, key));
  }

  /** The update expression: SET, REMOVE, ADD, DELETE. */
  public UpdateItem update(String expression) {
    return new UpdateItem(enlisted.withUpdate(expression));
  }

  /** The condition that the item has to meet, or else the transaction is refused (23514). */
  public UpdateItem onlyIf(String condition) {
    return new UpdateItem(enlisted.withCondition(condition));
  }

  /** What a {@code #name} in the expressions stands for. */
  public UpdateItem name(String placeholder, String attribute) {
    return new UpdateItem(enlisted.withName(placeholder, attribute));
  }

  /**
   * What a {@code :value} in the expressions stands for.
   *
   * @throws IllegalArgumentException if DynamoDB has no type for it
   */
  public UpdateItem value(String placeholder, @Nullable Object value) {
    return new UpdateItem(enlisted.withValue(placeholder, value));
  }

  @Override
  public String store() {
    return enlisted.store();
  }

  @Override
  public Operation operation() {
    return enlisted.operation();
  }

  /** Shows no value. */
  @Override
  public String toString() {
    return enlisted.toString();
  }
}
