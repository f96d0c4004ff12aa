package io.rananeeti.internal;

import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.ContentStorage.Source;
import io.rananeeti.log.ContentStorage.Stored;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import io.rananeeti.store.Content;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where content is that entries of the nodes' copies name: {@code
 * <platform>/<node>/<SHA-256>-<nonce>} in a {@link ContentStorage}, under the number of the node
 * whose copy has the entry. Thread-safe; remembers nothing.
 *
 * <p>Each node has its own objects, so nobody counts who else needs one: they go when the node's
 * entries do, and the last of them with its copy. A number belongs to one life of one node, so a
 * process that was taken for dead can't touch what it has put under another one since. The nonce
 * makes each name good for one object: a removal whose reply was lost, and that is done later,
 * meets nothing that is needed.
 *
 * <p>Before a node puts anything there, it writes in the shared log's storage which place that is.
 * So a node that has none, or another one, knows that content is not lost but elsewhere.
 */
final class ContentPlace {

  private static final int PAGE = 1_000;

  private final String platform;
  private final SharedLogStorage table;
  private final @Nullable ContentStorage storage;

  /**
   * The place of a platform.
   *
   * @param table what the nodes share
   * @param storage null if this node has no such place
   */
  ContentPlace(String platform, SharedLogStorage table, @Nullable ContentStorage storage) {
    this.platform = platform;
    this.table = table;
    this.storage = storage;
  }

  /** Whether this node has such a place. */
  boolean isThere() {
    return storage != null;
  }

  /** Writes which place a node has, before its first object. */
  void announce(long node) throws IOException {
    String here = toString();
    for (Value value = read(node); value == null || !here.equals(text(value)); value = read(node)) {
      long version = value == null ? 0 : value.version();
      table.write(announcements(), node, version, here.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Which place a node has put content to; null if it has put none anywhere. */
  @Nullable String announced(long node) throws IOException {
    Value value = read(node);
    return value == null ? null : text(value);
  }

  private @Nullable Value read(long node) throws IOException {
    return table.read(announcements(), node);
  }

  private static String text(Value value) {
    return new String(value.bytes(), StandardCharsets.UTF_8);
  }

  private String announcements() {
    return platform + "/contents";
  }

  /** A name that was never used. */
  String newName(long node, Content content, long nonce) {
    return prefix(node) + content.sha256() + "-%016x".formatted(nonce);
  }

  /** The SHA-256 in a name. */
  static String sha256Of(String name) {
    return name.substring(name.lastIndexOf('/') + 1, name.lastIndexOf('-'));
  }

  private String prefix(long node) {
    return platform + "/" + node + "/";
  }

  void put(String name, Content content, Source source) throws IOException {
    required().put(name, content, source);
  }

  /** All that a node has put. */
  List<Stored> all(long node) throws IOException {
    return list(prefix(node));
  }

  /** What a node has put of one content. */
  List<Stored> of(long node, Content content) throws IOException {
    return list(prefix(node) + content.sha256() + "-");
  }

  private List<Stored> list(String prefix) throws IOException {
    List<Stored> all = new ArrayList<>();
    List<Stored> page = required().list(prefix, "", PAGE);
    while (!page.isEmpty()) {
      all.addAll(page);
      page = required().list(prefix, page.get(page.size() - 1).name(), PAGE);
    }
    return all;
  }

  InputStream open(String name) throws IOException {
    return required().open(name);
  }

  void remove(String name) throws IOException {
    required().remove(name);
  }

  /** All that a node has put, and what it has written of that; its copy is gone. */
  void removeAll(long node) throws IOException {
    for (Stored stored : all(node)) {
      remove(stored.name());
    }
    Value value = read(node);
    if (value != null) {
      table.remove(announcements(), node, value.version());
    }
  }

  void close() {
    if (storage != null) {
      storage.close();
    }
  }

  private ContentStorage required() {
    if (storage == null) {
      throw new IllegalStateException("this node has no place for content");
    }
    return storage;
  }

  /** Where it is. */
  @Override
  public String toString() {
    return String.valueOf(storage);
  }
}
