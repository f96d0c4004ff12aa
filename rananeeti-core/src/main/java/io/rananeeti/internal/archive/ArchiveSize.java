package io.rananeeti.internal.archive;

/**
 * How large objects of the archive get, unpacked.
 *
 * @param objectBytes an object ends with the entry that reaches this
 * @param memberBytes and so does a gzip member
 */
public record ArchiveSize(long objectBytes, int memberBytes) {

  /** An object of 64 MiB is a few megabytes, packed. */
  public static final ArchiveSize DEFAULT = new ArchiveSize(64L << 20, 1 << 20);
}
