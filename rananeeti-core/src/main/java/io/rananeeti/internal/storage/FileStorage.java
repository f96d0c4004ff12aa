package io.rananeeti.internal.storage;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Log storage on plain files, made of zeros ahead and written by ordinary writes: no mapping, so a
 * failing disk is an exception and never a signal, and no flags of the JVM.
 */
public final class FileStorage implements SegmentForm {

  private static final int LARGEST_APPEND = (int) (SegmentWriter.LARGEST_SEGMENT / 4) - (1 << 16);

  private FileStorage() {}

  /**
   * Opens the storage in a directory, or creates it.
   *
   * @throws IOException if it can't be opened
   */
  public static LogStorage open(Path directory) throws IOException {
    return SegmentedStorage.open(new FileStorage(), directory);
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public String label() {
    return "FILE";
  }

  @Override
  public String file() {
    return "documents";
  }

  @Override
  public String marker() {
    return "unsealed";
  }

  @Override
  public boolean ownsMetadata(byte first) {
    return false;
  }

  @Override
  public int largestAppend() {
    return LARGEST_APPEND;
  }

  @Override
  public SegmentWriter create(Path directory, long number) throws IOException {
    return new FileSegmentWriter(Segment.active(this, number, directory));
  }
}
