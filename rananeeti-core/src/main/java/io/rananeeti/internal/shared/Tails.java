package io.rananeeti.internal.shared;

/**
 * The writer that all nodes have named as the one which must have what each of them had
 * acknowledged (N5). Part of the {@link Agreement}.
 *
 * @param number grows by one whenever a writer is named; 0 before the first
 * @param writer that was found last
 */
public record Tails(long number, Found writer) {

  /**
   * A writer as the recovery of a node has found it.
   *
   * @param identity equal as long as it is the same writer on the same history
   * @param epoch to which that recovery has raised it
   * @param lineage of the writer; 0 if it has none
   */
  public record Found(String identity, long epoch, long lineage) {

    boolean isSame(Found other) {
      return identity.equals(other.identity);
    }

    /** Whether it is a writer that others have seen the end of (R3). */
    boolean isStaleBeside(Found named) {
      return !isSame(named)
          && (lineage < named.lineage || (lineage == named.lineage && epoch < named.epoch));
    }
  }

  /** Nobody has named any. */
  static final Tails NONE = new Tails(0, new Found("", 0, 0));

  Tails next(Found now) {
    return new Tails(number + 1, now);
  }

  String text() {
    return "%d %d %d %s".formatted(number, writer.epoch, writer.lineage, writer.identity);
  }

  static Tails of(String text) {
    String[] parts = text.split(" ", 4);
    if (parts.length < 4) {
      throw new IllegalArgumentException(text);
    }
    return new Tails(
        Long.parseLong(parts[0]),
        new Found(parts[3], Long.parseLong(parts[1]), Long.parseLong(parts[2])));
  }
}
