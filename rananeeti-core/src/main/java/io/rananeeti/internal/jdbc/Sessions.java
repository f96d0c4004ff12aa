package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.OutageFindings;
import io.rananeeti.store.StatementReader;
import io.rananeeti.store.Store;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What all connections of one store share: the scanner, and what is known of statements. */
public final class Sessions {

  private final SqlScanner scanner;
  private final Promises promises = new Promises();
  private final SequenceTexts sequenceTexts = new SequenceTexts();
  private final LastKnown lastKnown;
  private final @Nullable OutageFindings audit;
  private final @Nullable StatementReader reader;

  /**
   * Of one store.
   *
   * @param directory the log's, where what is known of the database is kept
   * @param audit where what could not go on in an outage is noted; null if nowhere
   */
  public Sessions(Path directory, Store store, @Nullable OutageFindings audit) {
    this.audit = audit;
    reader = store.reader();
    scanner = new SqlScanner(reader);
    lastKnown = new LastKnown(directory.resolve("metadata-" + store.name() + ".properties"));
  }

  SqlScanner scanner() {
    return scanner;
  }

  /** What reads the store's texts; null where they are SQL as PostgreSQL has it. */
  @Nullable StatementReader reader() {
    return reader;
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
