package io.rananeeti.dynamo;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deletes an item, in a unit of work.
 *
 * <p>Expressions are those of DynamoDB, with {@code #names} and {@code :values} in them. Values are
 * text, numbers, byte[], Boolean, null, Set, List, Map, dates and times, or the SDK's {@code
 * AttributeValue}. Immutable.
 *
 * <pre>{@code
 * connection.enlist(
 *     DeleteItem.from("menu", "dishes", Map.of("pk", "soup")));
 * }</pre>
 */
public final class DeleteItem implements StoreOperation {

  private final Enlisted enlisted;

  private DeleteItem(Enlisted enlisted) {
    this.enlisted = enlisted;
  }

  /**
   * Deletes an item; does nothing if there is none.
   *
   * @param store the platform's name of the store
   * @param key the whole primary key, and nothing else
   * @throws IllegalArgumentException if DynamoDB has no type for one of the values
   */
  public static DeleteItem from(String store, String table, Map<String, ?> key) {
    return new DeleteItem(Enlisted.of(store, ItemCommand.Verb.DELETE, table, key));
  }

  /** The condition that the item has to meet, or else the transaction is refused (23514). */
  public DeleteItem onlyIf(String condition) {
    return new DeleteItem(enlisted.withCondition(condition));
  }

  /** What a {@code #name} in the expressions stands for. */
  public DeleteItem name(String placeholder, String attribute) {
    return new DeleteItem(enlisted.withName(placeholder, attribute));
  }

  /**
   * What a {@code :value} in the expressions stands for.
   *
   * @throws IllegalArgumentException if DynamoDB has no type for it
   */
  public DeleteItem value(String placeholder, @Nullable Object value) {
    return new DeleteItem(enlisted.withValue(placeholder, value));
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
