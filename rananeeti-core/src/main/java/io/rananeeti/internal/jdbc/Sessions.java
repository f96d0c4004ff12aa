package io.rananeeti.internal.jdbc;

import java.nio.file.Path;

/** What all connections of one store share: the scanner, and what is known of statements. */
public final class Sessions {

  private final SqlScanner scanner = new SqlScanner();
  private final Promises promises = new Promises();
  private final SequenceTexts sequenceTexts = new SequenceTexts();
  private final LastKnown lastKnown;

  /**
   * Of one store.
   *
   * @param directory the log's, where what is known of the database is kept
   */
  public Sessions(Path directory, String store) {
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

  LastKnown lastKnown() {
    return lastKnown;
  }
}
