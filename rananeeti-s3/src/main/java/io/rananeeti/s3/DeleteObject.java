package io.rananeeti.s3;

import io.rananeeti.StoreOperation;
import io.rananeeti.store.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Deletes an object, as the only operation of its transaction. Immutable. It names the content that
 * it deletes by its entity tag: a delete without a condition that arrives late would take what was
 * put there since.
 */
public final class DeleteObject implements StoreOperation {

  private final String store;
  private final String key;
  private final @Nullable String match;

  private DeleteObject(String store, String key, @Nullable String match) {
    this.store = store;
    this.key = Keys.checked(key);
    this.match = match;
  }

  /**
   * Deletes the object with this key; it needs {@link #ifMatch}.
   *
   * @param store the platform's name of the store
   */
  public static DeleteObject of(String store, String key) {
    return new DeleteObject(store, key, null);
  }

  /** Only if it has this entity tag; or else the transaction is refused (23514). */
  public DeleteObject ifMatch(String entityTag) {
    return new DeleteObject(store, key, entityTag);
  }

  @Override
  public String store() {
    return store;
  }

  @Override
  public Operation operation() {
    if (match == null) {
      throw new IllegalStateException("the delete of object %s needs ifMatch(...)".formatted(key));
    }
    return ActionText.operation(new Action.Delete(key, match));
  }

  @Override
  public String toString() {
    return "delete of object " + key;
  }
}
