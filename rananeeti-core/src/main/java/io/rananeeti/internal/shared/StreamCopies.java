package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import io.rananeeti.log.TransactionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** For now. */
final class StreamCopies implements LogCopies {

  private final SharedLogStorage storage;
  private final String platform;
  private final Seams seams;

  StreamCopies(SharedLogStorage storage, String platform, Seams seams) {
    this.storage = storage;
    this.platform = platform;
    this.seams = seams;
  }

  private String partition(long node) {
    return platform + "/log/" + node;
  }

  private static byte[] slot(UUID writer, List<LogEntry> entries) {
    List<byte[]> payloads = new ArrayList<>();
    int length = 16;
    for (LogEntry entry : entries) {
      byte[] payload = RecordCodec.encode(entry.record());
      payloads.add(payload);
      length += 12 + payload.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.putLong(writer.getMostSignificantBits()).putLong(writer.getLeastSignificantBits());
    for (int i = 0; i < entries.size(); i++) {
      out.putInt(payloads.get(i).length).putLong(entries.get(i).sequence()).put(payloads.get(i));
    }
    return out.array();
  }

  private static List<LogEntry> entries(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).position(16);
    List<LogEntry> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      int length = in.getInt();
      long sequence = in.getLong();
      entries.add(new LogEntry(sequence, RecordCodec.decode(in.slice(in.position(), length))));
      in.position(in.position() + length);
    }
    return entries;
  }

  private final class Writer implements Target {

    private final String partition;
    private final UUID life = new UUID(seams.random().nextLong(), seams.random().nextLong());
    private long next = 1;
    private long upTo;
    private byte @Nullable [] pending;

    Writer(long node) throws IOException {
      partition = partition(node);
      for (Value value : Neighbours.all(storage, partition)) {
        next = value.key() + 1;
        for (LogEntry entry : entries(value.bytes())) {
          if (entry.record() instanceof LogRecord.Copied copied) {
            upTo = Math.max(upTo, copied.upTo());
          }
        }
      }
    }

    @Override
    public long upTo() {
      return upTo;
    }

    @Override
    public void put(long to, long ticket, List<LogEntry> entries) throws IOException {
      List<LogEntry> all = new ArrayList<>();
      all.add(new LogEntry(to, new LogRecord.Copied(to, ticket)));
      all.addAll(entries);
      append(slot(life, all));
      upTo = to;
    }

    void append(byte[] bytes) throws IOException {
      if (pending != null) {
        throw new IOException("an earlier write is open");
      }
      pending = bytes;
      if (!storage.write(partition, next, 0, bytes)) {
        Value value = storage.read(partition, next);
        if (value == null || !Arrays.equals(value.bytes(), bytes)) {
          throw new LogFailedException("taken over", null);
        }
      }
      pending = null;
      next++;
    }

    @Override
    public void release(long below) {}
  }

  @Override
  public Target target(long node, UUID log) throws IOException {
    return sealed(node);
  }

  @Override
  public Source source(long node) {
    String partition = partition(node);
    return new Source() {
      private long next = 1;

      @Override
      public List<LogEntry> next() throws IOException {
        List<Value> values = storage.list(partition, next, 100);
        List<LogEntry> entries = new ArrayList<>();
        for (Value value : values) {
          entries.addAll(entries(value.bytes()));
          next = value.key() + 1;
        }
        return entries;
      }
    };
  }

  @Override
  public TransactionLog takeOver(long node) throws IOException {
    return new Taken(node, sealed(node));
  }

  private Writer sealed(long node) throws IOException {
    while (true) {
      Writer writer = new Writer(node);
      byte[] seal = slot(writer.life, List.of(new LogEntry(0, new LogRecord.Copied(-1, 0))));
      try {
        writer.append(seal);
        return writer;
      } catch (LogFailedException lostTheRace) {
        // Somebody has written there meanwhile.
      }
    }
  }

  @Override
  public void remove(long node) throws IOException {
    for (Value value : Neighbours.all(storage, partition(node))) {
      boolean seal =
          entries(value.bytes()).stream()
              .anyMatch(
                  entry -> entry.record() instanceof LogRecord.Copied copied && copied.upTo() < 0);
      if (!seal) {
        storage.remove(partition(node), value.key(), value.version());
      }
    }
  }

  @Override
  public void check(LogRecord record) {
    int length = RecordCodec.encode(record).length;
    if (length > storage.maxBytes() - 100) {
      throw new IllegalArgumentException(
          "a transaction of %d bytes is larger than the shared log takes, which is %d"
              .formatted(length, storage.maxBytes() - 100));
    }
  }

  private final class Taken implements TransactionLog {

    private final List<LogEntry> entries = new ArrayList<>();
    private final UUID incarnation = new UUID(seams.random().nextLong(), seams.random().nextLong());
    private final UUID id = new UUID(0, 1);
    private Writer writer;
    private int written;

    Taken(long node, @Nullable Writer before) throws IOException {
      Writer mine = before;
      for (Value value : Neighbours.all(storage, partition(node))) {
        for (LogEntry entry : entries(value.bytes())) {
          if (!(entry.record() instanceof LogRecord.Copied)) {
            entries.add(entry);
          }
        }
      }
      if (mine == null) {
        throw new IOException("taken over twice: not built");
      }
      written = entries.size();
      writer = mine;
    }

    @Override
    public UUID id() {
      return id;
    }

    @Override
    public UUID incarnation() {
      return incarnation;
    }

    @Override
    public synchronized long append(LogRecord record) {
      long sequence = entries.isEmpty() ? 1 : entries.get(entries.size() - 1).sequence() + 1;
      entries.add(new LogEntry(sequence, record));
      return sequence;
    }

    @Override
    public void acknowledge(long sequence) {
      force(sequence);
    }

    @Override
    public void force(long sequence) {
      List<LogEntry> more;
      synchronized (this) {
        more = List.copyOf(entries.subList(written, entries.size()));
        written = entries.size();
      }
      if (!more.isEmpty()) {
        try {
          writer.append(slot(writer.life, more));
        } catch (IOException e) {
          throw new LogFailedException("failed", e);
        }
      }
    }

    @Override
    public synchronized long forced() {
      return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).sequence();
    }

    @Override
    public LogCursor read(long fromSequence) {
      return new LogCursor() {
        private int at;

        @Override
        public @Nullable LogEntry next() {
          synchronized (Taken.this) {
            while (at < entries.size() && entries.get(at).sequence() < fromSequence) {
              at++;
            }
            return at < entries.size() ? entries.get(at++) : null;
          }
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void release(long belowSequence) {}

    @Override
    public boolean takesEntries() {
      return true;
    }

    @Override
    public List<String> warnings() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
