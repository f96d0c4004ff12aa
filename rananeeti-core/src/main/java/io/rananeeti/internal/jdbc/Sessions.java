package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.OutageFindings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What all connections of one store share: the scanner, and what is known of statements. */
public final class Sessions {

  private final SqlScanner scanner = new SqlScanner();
  private final Promises promises = new Promises();
  private final SequenceTexts sequenceTexts = new SequenceTexts();
  private final LastKnown lastKnown;
  private final @Nullable OutageFindings audit;

  /**
   * Of one store.
   *
   * @param directory the log's, where what is known of the database is kept
   * @param audit where what could not go on in an outage is noted; null if nowhere
   */
  public Sessions(Path directory, String store, @Nullable OutageFindings audit) {
    this.audit = audit;
    lastKnown = new LastKnown(directory.resolve("metadata-" + store + ".properties"));
  }

  SqlScanner scanner() {
    return scanner;
  }

  Promises promises() {
    return promises;
  }

  SequenceTexts sequenceTexts() {
    return sequenceTexts;
  }

  /** What a new connection notes for the audit; null if there is none. */
  @Nullable Auditing auditing(String store) {
    return audit == null ? null : new Auditing(audit, store);
  }

  LastKnown lastKnown() {
    return lastKnown;
  }
}
