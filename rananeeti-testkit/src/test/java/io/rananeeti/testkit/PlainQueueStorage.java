package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.jspecify.annotations.Nullable;

/**
 * A storage as one would write it by Chronicle Queue's manual: one queue in chunks of a megabyte,
 * and {@code sync()} of the appender for a force, which covers the chunk it is in. It loses what it
 * had acknowledged, and is here to show that the tests see that; with all its files forced it does
 * not, which shows that they see nothing else.
 */
final class PlainQueueStorage implements LogStorage {

  private static final int CHUNK = 1 << 20;

  private final Path directory;
  private final boolean forcesFiles;
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;
  private long end = 1;

  private PlainQueueStorage(Path directory, boolean forcesFiles) {
    this.directory = directory;
    this.forcesFiles = forcesFiles;
    queue =
        SingleChronicleQueueBuilder.binary(directory)
            .rollCycle(RollCycles.FAST_HOURLY)
            .timeProvider(() -> 0)
            .blockSize(CHUNK)
            .syncMode(SyncMode.SYNC)
            .timeoutMS(1)
            .build();
    appender = queue.createAppender();
    appender.singleThreadedCheckDisabled(true);
  }

  static LogStorage syncing(Path directory) throws IOException {
    return open(directory, false);
  }

  static LogStorage forcing(Path directory) throws IOException {
    return open(directory, true);
  }

  private static LogStorage open(Path directory, boolean forcesFiles) throws IOException {
    PlainQueueStorage storage = new PlainQueueStorage(directory.resolve("queue"), forcesFiles);
    try (Reader reader = storage.read(0)) {
      ByteBuffer bytes = reader.next();
      while (bytes != null) {
        storage.end = reader.position() + bytes.remaining();
        bytes = reader.next();
      }
    }
    return storage;
  }

  @Override
  public int maxAppend() {
    return CHUNK / 8;
  }

  @Override
  public void reserve(int bytes) {}

  @Override
  public long append(ByteBuffer bytes) {
    long position = end;
    end += bytes.remaining();
    try (DocumentContext document = appender.writingDocument()) {
      Bytes<?> out = Objects.requireNonNull(document.wire()).bytes();
      out.writeSome(bytes);
    }
    return position;
  }

  @Override
  public void force() throws IOException {
    appender.sync();
    if (forcesFiles) {
      forceAll();
    }
  }

  private void forceAll() throws IOException {
    List<Path> files;
    try (Stream<Path> present = Files.list(directory)) {
      files = present.toList();
    }
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(false);
      }
    }
  }

  @Override
  public Reader read(long fromPosition) {
    return new Documents(queue.createTailer(), fromPosition);
  }

  @Override
  public void truncate(long position) {
    throw new UnsupportedOperationException("nothing to repair with");
  }

  @Override
  public void refresh(long fromPosition) {}

  @Override
  public boolean releases(long belowPosition) {
    return false;
  }

  @Override
  public void release(long belowPosition) {}

  @Override
  public long size() {
    return end;
  }

  @Override
  public long free() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
  }

  /** Positions are counted from the first document, whatever the queue's own are. */
  private static final class Documents implements Reader {

    private final ExcerptTailer tailer;
    private final long from;
    private long position = 1;
    private int length;

    Documents(ExcerptTailer tailer, long from) {
      this.tailer = tailer;
      this.from = from;
      tailer.singleThreadedCheckDisabled(true);
    }

    @Override
    public @Nullable ByteBuffer next() {
      while (true) {
        ByteBuffer bytes = document();
        if (bytes == null || position >= from) {
          return bytes;
        }
      }
    }

    private @Nullable ByteBuffer document() {
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          return null;
        }
        byte[] bytes = Objects.requireNonNull(document.wire()).bytes().toByteArray();
        position += length;
        length = bytes.length;
        return ByteBuffer.wrap(bytes);
      }
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void close() {
      tailer.close();
    }
  }
}
