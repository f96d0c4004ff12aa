package io.rananeeti.log;

import java.util.List;
import java.util.UUID;

/**
 * The durable log of a platform. Thread-safe.
 *
 * <p>What {@link #force} has returned for is read again after a crash of the process and of the
 * machine, what {@link #acknowledge} has returned for at the least after one of the process. An
 * entry that was only appended may or may not.
 */
public interface TransactionLog extends AutoCloseable {

  /** The log's own id: drawn when it is created, the same at every open. */
  UUID id();

  /** The incarnation of this open: drawn, and forced to the log, before this object exists (I1). */
  UUID incarnation();

  /**
   * Takes a sequence number and the space for an entry, and writes it; does not wait for the disk.
   *
   * @return its sequence number
   * @throws io.rananeeti.error.LogFullException if there is no space; nothing is written
   * @throws io.rananeeti.error.LogFailedException if the log has ended
   * @throws IllegalArgumentException if the record is larger than the log takes in one entry
   */
  long append(LogRecord record);

  /**
   * Returns once the entry with this sequence number, and with it all before, survives the crashes
   * that the log promises to survive: at the least that of the process. What is said to the
   * application after this may be said. Callers that come together share the work.
   *
   * @throws io.rananeeti.error.LogFailedException if the log has ended: nobody knows whether it
   *     does
   */
  void acknowledge(long sequence);

  /**
   * Returns once the entry with this sequence number, and with it all before, is on disk. Callers
   * that come together share one force.
   *
   * @throws io.rananeeti.error.LogFailedException if the log has ended: nobody knows whether it is
   */
  void force(long sequence);

  /** The last sequence number that was acknowledged or forced, 0 for none. */
  long forced();

  /**
   * Reads from this sequence number, or from the first one kept, whichever is later; passes over
   * what is released before it was read.
   */
  LogCursor read(long fromSequence);

  /** Nobody will read entries below this one any more; their space may be taken back. */
  void release(long belowSequence);

  /** Whether an append would be taken: false when the log is full or has ended. */
  boolean takesEntries();

  /** What a person should know of it; empty if all is well. */
  List<String> warnings();

  /** Forces what was appended, and gives the files free. Not needed for durability. */
  @Override
  void close();
}
