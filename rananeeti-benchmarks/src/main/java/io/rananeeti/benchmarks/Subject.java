package io.rananeeti.benchmarks;

import java.io.IOException;

/** Something that entries of one size are appended to, by as many threads as like. */
interface Subject extends AutoCloseable {

  /** Appends one entry, and returns its number; does not wait for the disk. */
  long append() throws IOException;

  /** Returns once the entry of this number, and with it all before, is as durable as asked. */
  void commit(long number) throws IOException;

  /** How many threads call it when so many are measured. */
  default int callers(int threads) {
    return threads;
  }

  /** Entries that one append stands for when so many threads are measured. */
  default int entriesPerCall(int threads) {
    return 1;
  }

  /** Gives disk space back; between turns, nobody else calls meanwhile. */
  void release() throws IOException;

  @Override
  void close() throws IOException;
}
