package io.rananeeti.internal.shared;

import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.TransactionLog;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/** The copies of the nodes' logs. Thread-safe. */
public interface LogCopies {

  /** Those in a storage. */
  static LogCopies over(SharedLogStorage storage, String platform, Seams seams) {
    return new StreamCopies(storage, platform, seams);
  }

  /**
   * Goes on with the copy of this node's own log, or begins it.
   *
   * @throws io.rananeeti.error.LogFailedException if somebody has taken the node over
   */
  Target target(long node, UUID log) throws IOException;

  /** Reads a node's copy from its beginning. */
  Source source(long node);

  /**
   * Opens the copy of a node that this one has taken over: its owner can add nothing from here on.
   */
  TransactionLog takeOver(long node) throws IOException;

  /** Removes a copy that nobody needs any more. */
  void remove(long node) throws IOException;

  /**
   * Looks whether a copy takes a record.
   *
   * @throws IllegalArgumentException if the record is larger than a copy takes
   */
  void check(LogRecord record);

  /** Where the copy of this node's log is written. Used by one thread. */
  interface Target {

    /** The last sequence number of the node's log that is looked at already; 0 for none. */
    long upTo();

    /**
     * Writes the next entries, all or none of them, or the first few and then none.
     *
     * @param upTo everything up to here is in the copy now, or need not be
     * @param ticket of the accepted transactions among them
     * @throws io.rananeeti.error.LogFailedException if somebody has taken the node over
     */
    void put(long upTo, long ticket, List<LogEntry> entries) throws IOException;

    /** Nobody will ask for entries below this one any more. */
    void release(long below) throws IOException;
  }

  /** Reads a copy in order. Used by one thread at a time. */
  interface Source {

    /** The next few entries, with the {@link LogRecord.Copied} among them; none at the end. */
    List<LogEntry> next() throws IOException;

    /**
     * Whether anything was released before this had read it, as happens to a node that was asleep:
     * what it has read before then lacks its end, and only another source tells the whole.
     */
    boolean hasMissed();
  }
}
