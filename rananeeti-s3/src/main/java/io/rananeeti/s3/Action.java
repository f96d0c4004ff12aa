package io.rananeeti.s3;

import io.rananeeti.store.Content;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One change of a bucket. Immutable. */
sealed interface Action {

  /** The object that it changes. */
  String key();

  /** Whether it may be done any number of times, whenever: its key names its content. */
  default boolean isAddressed() {
    return false;
  }

  /** What it leaves behind, by which one sees whether it was done. */
  Row.Trace trace();

  /**
   * What is known of an object beside its content.
   *
   * @param metadata with names in lower case
   */
  record Attributes(
      @Nullable String contentType, String storageClass, Map<String, String> metadata) {

    /** Copies the map. */
    public Attributes {
      metadata = Map.copyOf(new TreeMap<>(metadata));
    }
  }

  /** The content of a put: in the entry of the log, or in the spool. Immutable. */
  final class Body {

    private final Content content;
    private final byte @Nullable [] inline;

    private Body(Content content, byte @Nullable [] inline) {
      this.content = content;
      this.inline = inline;
    }

    static Body of(byte[] bytes) {
      return new Body(new Content(Digest.hex(bytes), bytes.length), bytes);
    }

    static Body of(Content content) {
      return new Body(content, null);
    }

    /** Of all of it, in hexadecimal digits. */
    String sha256() {
      return content.sha256();
    }

    long length() {
      return content.length();
    }

    /** All of it; null if it is in the spool. */
    byte @Nullable [] inline() {
      return inline;
    }

    /** Where the spool has it. */
    Content content() {
      return content;
    }
  }

  /**
   * Puts an object.
   *
   * @param addressed whether its key names its content
   * @param match the entity tag that has to be there; null if nothing may be there
   */
  record Put(
      String key, Body body, Attributes attributes, boolean addressed, @Nullable String match)
      implements Action {

    @Override
    public boolean isAddressed() {
      return addressed;
    }

    @Override
    public Row.Trace trace() {
      return addressed
          ? new Row.Trace(Row.Trace.Kind.ADDRESSED, key, body.sha256())
          : new Row.Trace(Row.Trace.Kind.WRITTEN, key, "");
    }
  }

  /** Deletes an object that has this entity tag. */
  record Delete(String key, String match) implements Action {

    @Override
    public Row.Trace trace() {
      return new Row.Trace(Row.Trace.Kind.DELETED, key, match);
    }
  }

  /** Copies an object that has this entity tag to where none is. */
  record Copy(String source, String sourceMatch, String key, Attributes attributes)
      implements Action {

    @Override
    public Row.Trace trace() {
      return new Row.Trace(Row.Trace.Kind.WRITTEN, key, "");
    }
  }
}
