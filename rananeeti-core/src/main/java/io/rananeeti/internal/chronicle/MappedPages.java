package io.rananeeti.internal.chronicle;

import net.openhft.chronicle.core.OS;
import net.openhft.posix.MAdviseFlag;
import net.openhft.posix.PosixAPI;

/**
 * The pages of a segment that were filled through the queue's mapping since the last force.
 *
 * <p>A force has to make each page that it writes read-only in the mapping again, and interrupts
 * the other processors for each of them: for a group of 64 entries of 4 KB that was most of its
 * time. Taken out of the mapping together, before the force, they cost one interrupt. What they
 * hold stays where it is, in the file's cache, and counts as written; only pages that lie wholly
 * before the end of the segment are taken, which the queue writes no more, and if it does, finds
 * again.
 *
 * <p><b>Why no other memory is meant.</b> The queue keeps the mapping of its last document until
 * its next one or its end. Documents are written, and pages are given back, under this object's
 * lock, and {@link #close} comes before the queue's: so the address is that of a living mapping,
 * and the range lies between two documents in it.
 *
 * <p>It only saves time: where it can't be done, nothing is.
 */
final class MappedPages {

  /** Below that the call costs more than it saves. */
  private static final int LEAST = 4;

  private static final long PAGE = OS.pageSize();

  private long address;
  private long given;
  private boolean over = !OS.isLinux();

  /** The queue has written a document, in a mapping in which the file begins at this address. */
  synchronized void mappedAt(long addressOfFile) {
    over |= address != 0 && address != addressOfFile;
    address = addressOfFile;
  }

  /** Takes the pages before this end of what was written out of the mapping. */
  synchronized void giveBack(long end) {
    long to = end & -PAGE;
    if (over || address == 0 || to - given < LEAST * PAGE) {
      return;
    }
    over = !takenOut(address + given, to - given);
    given = to;
  }

  private static boolean takenOut(long from, long length) {
    try {
      return PosixAPI.posix().madvise(from, length, MAdviseFlag.MADV_DONTNEED) == 0;
    } catch (RuntimeException | LinkageError missing) {
      return false;
    }
  }

  /** The mapping is about to end. */
  synchronized void close() {
    over = true;
  }
}
