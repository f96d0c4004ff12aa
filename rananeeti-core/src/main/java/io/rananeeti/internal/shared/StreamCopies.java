package io.rananeeti.internal.shared;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.codec.RecordCodec;
import io.rananeeti.internal.log.LogDirectory;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.internal.shared.Slot.Position;
import io.rananeeti.internal.shared.Stream.Standing;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.log.SharedLogStorage.Value;
import io.rananeeti.log.TransactionLog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The copies as streams of a shared log, whose entries keep the numbers that they have in their
 * node's log. Thread-safe.
 *
 * <p>A copy has the id of the log that it is a copy of. The same node goes on with it, over any
 * restart; once another node has taken it over, nobody but a node that takes it over does. What is
 * left of a copy that was removed is its head and its seals: its node, should it wake, still finds
 * them.
 */
final class StreamCopies implements LogCopies {

  /** An entry may be as large as the log on disk takes it, and what the copy adds is less. */
  private static final int LARGEST = 1 << 24;

  private static final int GROUP = 1 << 20;
  private static final int PAGE = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final SharedLogStorage storage;
  private final String platform;
  private final Seams seams;

  StreamCopies(SharedLogStorage storage, String platform, Seams seams) {
    this.storage = storage;
    this.platform = platform;
    this.seams = seams;
  }

  @Override
  public Target target(long node, UUID log) throws IOException {
    Stream stream = stream(node);
    Standing standing = stream.head();
    if (standing != null) {
      refuseAnother(stream, standing.head().id(), log);
    }
    SharedLog copy = reached(() -> open(stream, log, Head.State.OPEN, "node " + node));
    refuseAnother(stream, copy.id(), log);
    return new Growing(copy);
  }

  private static void refuseAnother(Stream stream, UUID there, UUID log) {
    if (!there.equals(log)) {
      throw new LogFailedException(
          "the shared log %s is the copy of another log: own=%s there=%s; this node needs another number"
              .formatted(stream.name(), log, there),
          null);
    }
  }

  @Override
  public Source source(long node) {
    SharedLogReader reader = SharedLogReader.of(stream(node), 1);
    return new Source() {
      @Override
      public List<LogEntry> next() throws IOException {
        for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
          if (!batch.entries().isEmpty()) {
            return batch.entries();
          }
        }
        return List.of();
      }

      @Override
      public boolean hasMissed() {
        return reader.hasMissed();
      }
    };
  }

  @Override
  public TransactionLog takeOver(long node) throws IOException {
    UUID newId = LogDirectory.randomUuid(seams.random());
    return reached(
        () -> {
          SharedLog copy =
              open(stream(node), newId, Head.State.TAKEN, "the node that took node " + node);
          copy.force(copy.append(new LogRecord.Opened(copy.incarnation(), seams.now())));
          return copy;
        });
  }

  /** Takes it over once more, so that whoever had it is done, and keeps only seals. */
  @Override
  public void remove(long node) throws IOException {
    Stream stream = stream(node);
    if (stream.head() == null) {
      return;
    }
    UUID owner = LogDirectory.randomUuid(seams.random());
    Takeover takeover = new Takeover(stream, owner, "the node that removes node " + node);
    Standing standing = takeover.own(owner, Head.State.TAKEN, true);
    Position end = takeover.seal(standing.head());
    Head empty = standing.head().keepingFrom(Math.max(1, end.number() - 1));
    if (!stream.write(empty, standing.version()) && !isOf(stream, empty)) {
      throw new IOException("the copy of node %d was taken while it was removed".formatted(node));
    }
    for (long from = 1; from < empty.first(); ) {
      List<Value> page = storage.list(stream.partition(), from, PAGE);
      for (Value value : page) {
        if (value.key() < empty.first()) {
          stream.remove(value.key());
        }
      }
      from = page.isEmpty() ? empty.first() : page.get(page.size() - 1).key() + 1;
    }
  }

  private static boolean isOf(Stream stream, Head head) throws IOException {
    Standing standing = stream.head();
    return standing != null && standing.head().equals(head);
  }

  @Override
  public void check(LogRecord record) {
    int length = RecordCodec.encode(record).length;
    if (length > LARGEST - Slot.OVERHEAD) {
      throw new IllegalArgumentException(
          "a transaction of %d bytes is larger than the shared log takes, which is %d"
              .formatted(length, LARGEST - Slot.OVERHEAD));
    }
  }

  private Stream stream(long node) {
    return new Stream(storage, platform, node);
  }

  private SharedLog open(Stream stream, UUID newId, Head.State as, String owner) {
    SharedLogOptions options = SharedLogOptions.of(owner).withPatience(PATIENCE);
    return SharedLog.open(stream, newId, as, options, seams);
  }

  private interface Call<T> {
    T run();
  }

  /** A log that ended because the storage is out of reach has not ended for good: another comes. */
  private static <T> T reached(Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (LogFailedException ended) {
      for (Throwable cause = ended; cause != null; cause = cause.getCause()) {
        if (cause instanceof IOException unreachable) {
          throw new IOException(ended.getMessage(), unreachable);
        }
      }
      throw ended;
    }
  }

  /** The copy of this node's own log. */
  private record Growing(SharedLog copy) implements Target {

    /** All numbers up to there are used, and no number beyond. */
    @Override
    public long upTo() {
      return copy.forced();
    }

    @Override
    public void put(long upTo, long ticket, List<LogEntry> entries) throws IOException {
      List<LogEntry> group = new ArrayList<>();
      long bytes = 0;
      for (LogEntry entry : entries) {
        int length = RecordCodec.encode(entry.record()).length;
        if (bytes + length > GROUP && !group.isEmpty()) {
          write(group.get(group.size() - 1).sequence(), ticket, group);
          group.clear();
          bytes = 0;
        }
        group.add(entry);
        bytes += length;
      }
      write(upTo, ticket, group);
    }

    private void write(long upTo, long ticket, List<LogEntry> group) throws IOException {
      List<LogEntry> all = new ArrayList<>();
      all.add(new LogEntry(copy.forced() + 1, new LogRecord.Copied(upTo, ticket)));
      all.addAll(group);
      reached(
          () -> {
            copy.append(upTo, all);
            copy.force(upTo);
            return upTo;
          });
    }

    @Override
    public void release(long below) {
      copy.release(below);
    }
  }
}
