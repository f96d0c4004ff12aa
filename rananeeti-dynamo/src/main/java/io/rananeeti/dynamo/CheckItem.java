package io.rananeeti.dynamo;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a unit of work depend on an item that it does not write.
 *
 * <p>Expressions are those of DynamoDB, with {@code #names} and {@code :values} in them. Values are
 * text, numbers, byte[], Boolean, null, Set, List, Map, dates and times, or the SDK's {@code
 * AttributeValue}. Immutable.
 *
 * <pre>{@code
 * connection.enlist(
 *     CheckItem.in("menu", "days", Map.of("pk", "monday")).onlyIf("attribute_exists(pk)"));
 * }</pre>
 */
public final class CheckItem implements StoreOperation {

  private final Enlisted enlisted;

  private CheckItem(Enlisted enlisted) {
    this.enlisted = enlisted;
  }

  /**
   * Looks at an item that the transaction does not write.
   *
   * @param store the platform's name of the store
   * @param key the whole primary key, and nothing else
   * @throws IllegalArgumentException if DynamoDB has no type for one of the values
   */
  public static CheckItem in(String store, String table, Map<String, ?> key) {
    return new CheckItem(Enlisted.of(store, ItemCommand.Verb.CHECK, table, key));
  }

  /**
   * The condition, which is needed, that the item has to meet, or else the transaction is refused
   * (23514).
   */
  public CheckItem onlyIf(String condition) {
    return new CheckItem(enlisted.withCondition(condition));
  }

  /** What a {@code #name} in the expressions stands for. */
  public CheckItem name(String placeholder, String attribute) {
    return new CheckItem(enlisted.withName(placeholder, attribute));
  }

  /**
   * What a {@code :value} in the expressions stands for.
   *
   * @throws IllegalArgumentException if DynamoDB has no type for it
   */
  public CheckItem value(String placeholder, @Nullable Object value) {
    return new CheckItem(enlisted.withValue(placeholder, value));
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
