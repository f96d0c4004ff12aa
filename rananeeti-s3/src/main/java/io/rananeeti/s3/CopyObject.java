package io.rananeeti.s3;

import io.rananeeti.StoreOperation;
import io.rananeeti.s3.Action.Attributes;
import io.rananeeti.store.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Copies an object within the bucket to a key where none is, as the only operation of its
 * transaction. Immutable. It names what it copies by its entity tag, so that it copies that or
 * nothing, however late it is applied. Media type and metadata of the copy are those given here.
 */
public final class CopyObject implements StoreOperation {

  private final String store;
  private final String source;
  private final String key;
  private final @Nullable String match;
  private final Attributes attributes;

  private CopyObject(
      String store, String source, String key, @Nullable String match, Attributes attributes) {
    this.store = store;
    this.source = Keys.checked(source);
    this.key = Keys.checked(key);
    this.match = match;
    this.attributes = attributes;
  }

  /**
   * Copies an object; it needs {@link #ifMatch}. If there is one with the key of the copy already,
   * the transaction is refused (23505).
   *
   * @param store the platform's name of the store
   */
  public static CopyObject of(String store, String from, String to) {
    return new CopyObject(store, from, to, null, Keys.USUAL);
  }

  /** Only if what is copied has this entity tag; or else the transaction is refused (23514). */
  public CopyObject ifMatch(String entityTag) {
    return new CopyObject(store, source, key, entityTag, attributes);
  }

  /** The media type of the copy. Default: {@code application/octet-stream}. */
  public CopyObject contentType(String type) {
    return new CopyObject(
        store,
        source,
        key,
        match,
        new Attributes(type, attributes.storageClass(), attributes.metadata()));
  }

  /** Its storage class, as S3 spells it. Default: {@code INTELLIGENT_TIERING}. */
  public CopyObject storageClass(String storageClass) {
    return new CopyObject(
        store,
        source,
        key,
        match,
        new Attributes(attributes.contentType(), storageClass, attributes.metadata()));
  }

  @Override
  public String store() {
    return store;
  }

  @Override
  public Operation operation() {
    if (match == null) {
      throw new IllegalStateException("the copy of object %s needs ifMatch(...)".formatted(source));
    }
    return ActionText.operation(new Action.Copy(source, match, key, attributes));
  }

  @Override
  public String toString() {
    return "copy of object %s to %s".formatted(source, key);
  }
}
