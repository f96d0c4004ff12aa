package io.rananeeti.dynamo;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts an item, in a unit of work.
 *
 * <p>Expressions are those of DynamoDB, with {@code #names} and {@code :values} in them. Values are
 * text, numbers, byte[], Boolean, null, Set, List, Map, dates and times, or the SDK's {@code
 * AttributeValue}. Immutable.
 *
 * <pre>{@code
 * connection.enlist(
 *     PutItem.into("menu", "dishes", Map.of("pk", "soup", "price", 5))
 *         .onlyIf("attribute_not_exists(pk)"));
 * }</pre>
 */
public final class PutItem implements StoreOperation {

  private final Enlisted enlisted;

  private PutItem(Enlisted enlisted) {
    this.enlisted = enlisted;
  }

  /**
   * Puts a whole item in the place of one with the same key, if there is one.
   *
   * @param store the platform's name of the store
   * @param item all its attributes, the primary key among them
   * @throws IllegalArgumentException if DynamoDB has no type for one of the values
   */
  public static PutItem into(String store, String table, Map<String, ?> item) {
    return new PutItem(Enlisted.of(store, ItemCommand.Verb.PUT, table, item));
  }

  /** The condition that the item has to meet, or else the transaction is refused (23514). */
  public PutItem onlyIf(String condition) {
    return new PutItem(enlisted.withCondition(condition));
  }

  /** What a {@code #name} in the expressions stands for. */
  public PutItem name(String placeholder, String attribute) {
    return new PutItem(enlisted.withName(placeholder, attribute));
  }

  /**
   * What a {@code :value} in the expressions stands for.
   *
   * @throws IllegalArgumentException if DynamoDB has no type for it
   */
  public PutItem value(String placeholder, @Nullable Object value) {
    return new PutItem(enlisted.withValue(placeholder, value));
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
