package io.rananeeti.log;

/**
 * Makes the {@link ArchiveStorage} behind a location that is no directory, {@code s3://...} for
 * instance. Found by {@link java.util.ServiceLoader}. Thread-safe.
 */
public interface ArchiveProvider {

  /** Whether this is the provider for a location. */
  boolean accepts(String location);

  /**
   * The storage there; reaches for nothing yet.
   *
   * @throws IllegalArgumentException if the location can't be, with a message that says what can
   */
  ArchiveStorage open(String location);
}
