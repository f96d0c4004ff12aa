package io.rananeeti.store;

/**
 * How far the regions that may be promoted have come behind the writer (R5), in numbers that grow
 * with what is written and can be compared as long as the {@link Writer} is the same.
 *
 * @param written everything that was committed a second before the question is at or below this
 * @param covered everything at or below this is in every region that may be promoted; {@link
 *     #UNKNOWN} if nobody can say; {@link Long#MAX_VALUE} if there is no other region
 */
public record Coverage(long written, long covered) {

  /** Stands for a store that can't say. */
  public static final long UNKNOWN = -1;

  /** Nothing is known. */
  public static final Coverage NONE = new Coverage(0, UNKNOWN);
}
