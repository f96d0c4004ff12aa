package io.rananeeti.s3;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger says of a transaction: that it was begun, and what it leaves behind, or its
 * outcome. Immutable; one object of the bucket, {@link Fields} in UTF-8.
 *
 * @param outcome null while it is only begun
 * @param until no request of it has an effect after this moment of S3's clock; of one begun
 * @param traces what it leaves behind; of one begun
 * @param refusal of one refused
 * @param by which transaction has replaced it; of one replaced
 * @param nonce no two writings of a row are equal, so neither are their entity tags
 */
record Row(
    @Nullable Outcome outcome,
    @Nullable Instant until,
    List<Trace> traces,
    @Nullable Refusal refusal,
    @Nullable TransactionId by,
    String nonce) {

  static final int VERSION = 1;

  /**
   * What a change leaves behind.
   *
   * @param detail SHA-256 of an addressed object, entity tag of a deleted one
   */
  record Trace(Kind kind, String key, String detail) {

    /** What to look for. */
    enum Kind {
      /** An object whose key names its content. */
      ADDRESSED,
      /** An object with the transaction's id in its metadata. */
      WRITTEN,
      /** None. */
      DELETED
    }
  }

  static Row begun(Instant until, List<Action> actions) {
    return new Row(
        null, until, actions.stream().map(Action::trace).toList(), null, null, newNonce());
  }

  static Row of(Outcome outcome) {
    return new Row(outcome, null, List.of(), null, null, newNonce());
  }

  static Row refused(Refusal refusal) {
    return new Row(Outcome.REFUSED, null, List.of(), refusal, null, newNonce());
  }

  static Row replaced(@Nullable Refusal refusal, TransactionId by) {
    return new Row(Outcome.REPLACED, null, List.of(), refusal, by, newNonce());
  }

  private static String newNonce() {
    return UUID.randomUUID().toString();
  }

  /** Whether all that it would leave behind can be left behind late or twice. */
  boolean isAddressed() {
    return traces.stream().allMatch(trace -> trace.kind() == Trace.Kind.ADDRESSED);
  }

  byte[] bytes() {
    Fields fields =
        new Fields()
            .add("version", Integer.toString(VERSION))
            .add("outcome", outcome == null ? "BEGUN" : outcome.name())
            .add("until", until == null ? null : Long.toString(until.toEpochMilli()))
            .add("by", by == null ? null : by.toString())
            .add("nonce", nonce);
    if (refusal != null) {
      fields.add("sqlstate", refusal.sqlState()).add("message", refusal.message());
    }
    for (Trace trace : traces) {
      fields.add(
          "trace",
          new Fields()
              .add("kind", trace.kind().name())
              .add("key", trace.key())
              .add("detail", trace.detail())
              .toString());
    }
    return fields.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws IllegalArgumentException if it is none of these, or of another version
   */
  static Row of(byte[] bytes) {
    Fields fields = Fields.of(new String(bytes, StandardCharsets.UTF_8));
    if (!fields.require("version").equals(Integer.toString(VERSION))) {
      throw new IllegalArgumentException("version " + fields.require("version"));
    }
    String outcome = fields.require("outcome");
    String until = fields.get("until");
    String state = fields.get("sqlstate");
    String by = fields.get("by");
    List<Trace> traces = new ArrayList<>();
    fields
        .all()
        .forEach(
            field -> {
              if (field.getKey().equals("trace")) {
                traces.add(trace(Fields.of(field.getValue())));
              }
            });
    return new Row(
        outcome.equals("BEGUN") ? null : Outcome.valueOf(outcome),
        until == null ? null : Instant.ofEpochMilli(Long.parseLong(until)),
        List.copyOf(traces),
        state == null ? null : new Refusal(state, fields.require("message")),
        by == null ? null : TransactionId.parse(by),
        fields.require("nonce"));
  }

  private static Trace trace(Fields fields) {
    return new Trace(
        Trace.Kind.valueOf(fields.require("kind")),
        fields.require("key"),
        fields.require("detail"));
  }
}
