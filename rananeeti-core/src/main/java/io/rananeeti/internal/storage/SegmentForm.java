package io.rananeeti.internal.storage;

import java.io.IOException;
import java.nio.file.Path;

/** One kind of segment: how its files are named and who writes them. */
public interface SegmentForm {

  /** The directory of such segments in the log's. */
  String name();

  /** What it is called where a person chooses it. */
  String label();

  /** The file of a segment that holds the documents. */
  String file();

  /**
   * Another file of it, there from its beginning until it was sealed, cut and forced: a segment
   * that still has it is cut to its length at the next open. What it holds is of use to nobody
   * then.
   */
  String marker();

  /**
   * Whether a metadata document that begins with this byte is the form's own. One that is not was
   * an append before its header was damaged.
   */
  boolean ownsMetadata(byte first);

  /** The largest append, at most a quarter of the largest segment. */
  int largestAppend();

  /**
   * Makes a segment in its directory, which is empty, private and not on disk yet. Its file begins
   * with zeros once this returns, so that a full disk shows here.
   *
   * @throws IOException if there is no space; the caller deletes what is left
   */
  SegmentWriter create(Path directory, long number) throws IOException;
}
