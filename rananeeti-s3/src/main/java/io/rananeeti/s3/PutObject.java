package io.rananeeti.s3;

import io.rananeeti.StoreOperation;
import io.rananeeti.s3.Action.Attributes;
import io.rananeeti.s3.Action.Body;
import io.rananeeti.store.Content;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Spool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts an object. Immutable.
 *
 * <p>{@link #addressed Addressed} by its content, it may be part of any unit of work; its key can't
 * have other content, so it does no harm wherever it arrives late or twice. {@link #to At a key of
 * the application's choice} it has a condition, {@link #ifAbsent()} or {@link #ifMatch}, and is the
 * only operation of its transaction: without a condition nobody could tell whether an interrupted
 * put had been done, or overwrite what came after it.
 *
 * <pre>{@code
 * PutObject receipt = PutObject.addressed("receipts", "orders/17", bytes).contentType("text/html");
 * statement.setString(1, receipt.key());  // the pointer, in SQL
 * connection.enlist(receipt);
 * }</pre>
 *
 * <p>The storage class is {@code INTELLIGENT_TIERING} unless told otherwise.
 */
public final class PutObject implements StoreOperation {

  /** Content up to this many bytes is kept in the entry of the log itself. */
  static final int INLINE = 256 << 10;

  private final String store;
  private final String key;
  private final Source source;
  private final @Nullable String sha256;
  private final Attributes attributes;
  private final boolean conditional;
  private final @Nullable String match;

  /** Content that can be read from its beginning each time that it is opened. */
  @FunctionalInterface
  public interface Source {

    /** Opens it; whoever asked for it closes it. */
    InputStream open() throws IOException;
  }

  private PutObject(
      String store,
      String key,
      Source source,
      @Nullable String sha256,
      Attributes attributes,
      boolean conditional,
      @Nullable String match) {
    this.store = store;
    this.key = Keys.checked(key);
    this.source = source;
    this.sha256 = sha256;
    this.attributes = attributes;
    this.conditional = conditional;
    this.match = match;
  }

  /**
   * An object under the SHA-256 of its content.
   *
   * @param store the platform's name of the store
   * @param prefix of its {@link #key()}, without the last {@code /}
   * @param content not changed afterwards
   */
  public static PutObject addressed(String store, String prefix, byte[] content) {
    return addressed(store, prefix, Digest.hex(content), of(content));
  }

  /**
   * The same with the content of a file, which is read here once, and once more when it is
   * enlisted.
   *
   * @throws IOException if it can't be read
   */
  public static PutObject addressed(String store, String prefix, Path content) throws IOException {
    Source source = () -> Files.newInputStream(content);
    try (InputStream in = source.open()) {
      return addressed(store, prefix, Digest.hex(in), source);
    }
  }

  private static PutObject addressed(String store, String prefix, String sha256, Source source) {
    return new PutObject(store, prefix + "/" + sha256, source, sha256, Keys.USUAL, true, null);
  }

  /**
   * An object at a key of the application's choice; it needs a condition.
   *
   * @param store the platform's name of the store
   * @param content not changed afterwards
   */
  public static PutObject to(String store, String key, byte[] content) {
    return to(store, key, of(content));
  }

  /** The same with the content of a file, which is read when it is enlisted. */
  public static PutObject to(String store, String key, Path content) {
    return to(store, key, () -> Files.newInputStream(content));
  }

  /** The same with content of any size, which is read once, when it is enlisted. */
  public static PutObject to(String store, String key, Source content) {
    return new PutObject(store, key, content, null, Keys.USUAL, false, null);
  }

  private static Source of(byte[] content) {
    return () -> new ByteArrayInputStream(content);
  }

  /** Only where no object is; or else the transaction is refused (23505). */
  public PutObject ifAbsent() {
    return new PutObject(store, key, source, own(), attributes, true, null);
  }

  /**
   * Only in the place of the object with this entity tag; or else the transaction is refused
   * (23514).
   */
  public PutObject ifMatch(String entityTag) {
    return new PutObject(store, key, source, own(), attributes, true, entityTag);
  }

  private @Nullable String own() {
    if (sha256 != null) {
      throw new IllegalStateException(
          "an object under the SHA-256 of its content has no condition: nothing else can be there");
    }
    return null;
  }

  /** Its media type. Default: {@code application/octet-stream}. */
  public PutObject contentType(String type) {
    return with(new Attributes(type, attributes.storageClass(), attributes.metadata()));
  }

  /** Its storage class, as S3 spells it. Default: {@code INTELLIGENT_TIERING}. */
  public PutObject storageClass(String storageClass) {
    return with(new Attributes(attributes.contentType(), storageClass, attributes.metadata()));
  }

  /**
   * One value of its metadata.
   *
   * @param name letters, digits, {@code -} and {@code _}, not beginning with {@code rananeeti}; S3
   *     makes it lower case
   * @param value printable ASCII
   */
  public PutObject metadata(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes.metadata());
    more.put(Keys.checkedMetadata(name, value), value);
    return with(new Attributes(attributes.contentType(), attributes.storageClass(), more));
  }

  private PutObject with(Attributes other) {
    return new PutObject(store, key, source, sha256, other, conditional, match);
  }

  /** Where it will be. */
  public String key() {
    return key;
  }

  @Override
  public String store() {
    return store;
  }

  /**
   * What the log keeps of content that an entry takes.
   *
   * @throws IllegalStateException if its condition is missing, or it is too large for an entry
   */
  @Override
  public Operation operation() {
    try {
      return operation(null);
    } catch (IOException e) {
      throw new IllegalStateException("the content of object " + key + " can't be read", e);
    }
  }

  @Override
  public Operation operation(@Nullable Spool spool) throws IOException {
    if (!conditional) {
      throw new IllegalStateException(
          "the put of object %s needs ifAbsent() or ifMatch(...), or be addressed by its content"
              .formatted(key));
    }
    try (InputStream in = source.open()) {
      byte[] first = in.readNBytes(INLINE + 1);
      Body body =
          first.length <= INLINE
              ? Body.of(first)
              : Body.of(
                  spooled(spool, new SequenceInputStream(new ByteArrayInputStream(first), in)));
      if (sha256 != null && !sha256.equals(body.sha256())) {
        throw new IllegalStateException(
            "the content of object %s has changed since its key was made".formatted(key));
      }
      return ActionText.operation(new Action.Put(key, body, attributes, sha256 != null, match));
    }
  }

  private Content spooled(@Nullable Spool spool, InputStream all) throws IOException {
    if (spool == null) {
      throw new IllegalStateException(
          "the content of object %s has more than %d bytes, and there is no spool"
              .formatted(key, INLINE));
    }
    return spool.take(all);
  }

  /** Shows no content. */
  @Override
  public String toString() {
    return "put of object " + key;
  }
}
