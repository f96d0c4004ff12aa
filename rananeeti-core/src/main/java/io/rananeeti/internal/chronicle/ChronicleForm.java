package io.rananeeti.internal.chronicle;

import io.rananeeti.internal.storage.SegmentForm;
import io.rananeeti.internal.storage.SegmentWriter;
import java.io.IOException;
import java.nio.file.Path;

/** Segments that are small queues of one file. */
final class ChronicleForm implements SegmentForm {

  private static final byte EVENT_NAME = (byte) 0xB9;

  /** A quarter of a block is what the queue takes at most in one document. */
  static final int LARGEST_APPEND = (int) (SegmentWriter.LARGEST_SEGMENT / 4) - (1 << 16);

  @Override
  public String name() {
    return "chronicle";
  }

  @Override
  public String label() {
    return "CHRONICLE";
  }

  /** Chronicle names the file after the moment of its roll cycle, which is always the first. */
  @Override
  public String file() {
    return "19700101-00F.cq4";
  }

  /** The queue's own bookkeeping. */
  @Override
  public String marker() {
    return "metadata.cq4t";
  }

  /** They begin with the name of an event, as binary wire writes it. */
  @Override
  public boolean ownsMetadata(byte first) {
    return first == EVENT_NAME;
  }

  @Override
  public int largestAppend() {
    return LARGEST_APPEND;
  }

  @Override
  public SegmentWriter create(Path directory, long number) throws IOException {
    return ChronicleSegmentWriter.create(this, directory, number);
  }
}
