package io.rananeeti.internal.codec;

import static io.rananeeti.internal.codec.TransactionCodec.readId;
import static io.rananeeti.internal.codec.TransactionCodec.readInstant;
import static io.rananeeti.internal.codec.TransactionCodec.require;
import static io.rananeeti.internal.codec.TransactionCodec.writeId;
import static io.rananeeti.internal.codec.TransactionCodec.writeInstant;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import io.rananeeti.store.ValueRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * Turns records into entries and back, as drawn in {@link EntryDescriptor}. Stateless, thread-safe.
 */
public final class RecordCodec {

  private static final int KIND = 0;
  private static final int OPENED = 1;
  private static final int REGISTERED = 2;
  private static final int ACCEPTED = 3;
  private static final int MARK = 4;
  private static final int ADOPTED = 5;
  private static final int LOST = 6;
  private static final int LEASED = 7;
  private static final int DRAWN = 8;
  private static final int HELD = 9;
  private static final int RETAINED = 10;
  private static final int ERA = 11;
  private static final int COPIED = 12;
  private static final int MOVED = 13;
  private static final int DEFERRED = 14;
  private static final int DELAYED = 15;

  private static final long HEADER = header();

  private RecordCodec() {}

  /**
   * The entry that holds this record.
   *
   * @throws IllegalArgumentException if it holds a value that the format does not know, or more
   *     than 2 GiB
   */
  public static byte[] encode(LogRecord record) {
    CborWriter out = new CborWriter();
    encode(record, out);
    return out.toByteArray();
  }

  /**
   * Appends the entry that holds this record to what has been written. Allocates nothing once the
   * buffer is large enough, but where {@link CborWriter} must.
   *
   * @throws IllegalArgumentException as {@link #encode(LogRecord)}; what had been written stands
   *     there as before
   */
  public static void encode(LogRecord record, CborWriter out) {
    int before = out.length();
    try {
      write(record, out.raw(HEADER));
    } catch (RuntimeException | Error unfinished) {
      out.reset(before);
      throw unfinished;
    }
  }

  private static void write(LogRecord record, CborWriter out) {
    if (record instanceof LogRecord.Opened opened) {
      writeOpened(out, opened);
    } else if (record instanceof LogRecord.Registered registered) {
      writeRegistered(out, registered);
    } else if (record instanceof LogRecord.Accepted accepted) {
      writeAccepted(out, accepted);
    } else if (record instanceof LogRecord.Mark mark) {
      writeMark(out, mark);
    } else if (record instanceof LogRecord.Adopted adopted) {
      writeAdopted(out, adopted);
    } else if (record instanceof LogRecord.Lost lost) {
      writeLost(out, lost);
    } else if (record instanceof LogRecord.Leased leased) {
      writeLeased(out, leased);
    } else if (record instanceof LogRecord.Drawn drawn) {
      writeDrawn(out, drawn);
    } else if (record instanceof LogRecord.Held held) {
      writeHeld(out, held);
    } else if (record instanceof LogRecord.Retained retained) {
      writeRetained(out, retained);
    } else if (record instanceof LogRecord.Era era) {
      writeEra(out, era);
    } else if (record instanceof LogRecord.Copied copied) {
      writeCopied(out, copied);
    } else if (record instanceof LogRecord.Moved moved) {
      writeMoved(out, moved);
    } else if (record instanceof LogRecord.Deferred deferred) {
      writeOfEntry(out, DEFERRED, deferred.entry(), deferred.id());
    } else if (record instanceof LogRecord.Delayed delayed) {
      writeOfEntry(out, DELAYED, delayed.entry(), delayed.id());
    } else {
      throw new IllegalArgumentException("a record of an unknown kind: " + record.getClass());
    }
  }

  /**
   * The record in an entry.
   *
   * @param entry all of it, and nothing else
   * @throws CodecException whatever is wrong with it
   */
  public static LogRecord decode(ByteBuffer entry) {
    CborReader in = new CborReader(content(entry));
    try {
      LogRecord record = readRecord(in);
      in.end();
      return record;
    } catch (CodecException malformed) {
      throw malformed;
    } catch (RuntimeException impossible) {
      throw new CodecException("an entry with an impossible value", impossible);
    }
  }

  /** The record of an entry as it stands there: one item of CBOR. */
  static ByteBuffer content(ByteBuffer entry) {
    ByteBuffer bytes = entry.slice().order(ByteOrder.BIG_ENDIAN);
    checkHeader(bytes);
    return bytes.position(EntryDescriptor.HEADER_LENGTH);
  }

  private static long header() {
    ByteBuffer header = ByteBuffer.allocate(EntryDescriptor.HEADER_LENGTH);
    header.put(EntryDescriptor.VERSION_OFFSET, (byte) EntryDescriptor.VERSION);
    header.put(EntryDescriptor.FLAGS_OFFSET, (byte) EntryDescriptor.NO_FLAGS);
    header.putShort(EntryDescriptor.RESERVED_OFFSET, (short) 0);
    header.putInt(EntryDescriptor.KEY_ID_OFFSET, EntryDescriptor.NO_KEY);
    return header.getLong(0);
  }

  private static void checkHeader(ByteBuffer entry) {
    if (entry.remaining() < EntryDescriptor.HEADER_LENGTH) {
      throw new CodecException("an entry shorter than its header, bytes=" + entry.remaining());
    }
    int version = entry.get(EntryDescriptor.VERSION_OFFSET) & 0xFF;
    if (version != EntryDescriptor.VERSION) {
      throw new CodecException(
          "an entry of format version %d, this release reads version %d: run the release that wrote it"
              .formatted(version, EntryDescriptor.VERSION));
    }
    if (entry.get(EntryDescriptor.FLAGS_OFFSET) != EntryDescriptor.NO_FLAGS
        || entry.getShort(EntryDescriptor.RESERVED_OFFSET) != 0
        || entry.getInt(EntryDescriptor.KEY_ID_OFFSET) != EntryDescriptor.NO_KEY) {
      throw new CodecException("an entry with flags or a key that this release does not know");
    }
  }

  private static void writeOpened(CborWriter out, LogRecord.Opened opened) {
    out.map(3).integer(KIND).integer(OPENED);
    out.integer(1).uuid(opened.incarnation());
    writeInstant(out.integer(2), opened.at());
  }

  private static void writeRegistered(CborWriter out, LogRecord.Registered registered) {
    out.map(3).integer(KIND).integer(REGISTERED);
    out.integer(1).text(registered.store());
    out.integer(2).uuid(registered.incarnation());
  }

  private static void writeAdopted(CborWriter out, LogRecord.Adopted adopted) {
    out.map(4).integer(KIND).integer(ADOPTED);
    out.integer(1).text(adopted.store());
    out.integer(2).integer(adopted.setAsideBelow());
    writeInstant(out.integer(3), adopted.at());
  }

  private static void writeLost(CborWriter out, LogRecord.Lost lost) {
    out.map(2).integer(KIND).integer(LOST);
    writeInstant(out.integer(1), lost.at());
  }

  private static void writeLeased(CborWriter out, LogRecord.Leased leased) {
    String state = leased.state();
    Long furthest = leased.furthest();
    out.map(5 + (state == null ? 0 : 1) + (furthest == null ? 0 : 1));
    out.integer(KIND).integer(LEASED);
    out.integer(1).text(leased.store());
    out.integer(2).text(leased.sequence());
    out.integer(3).integer(leased.from());
    out.integer(4).array(3 * leased.values().size());
    for (ValueRange range : leased.values()) {
      out.integer(range.first()).integer(range.count()).integer(range.step());
    }
    if (state != null) {
      out.integer(5).text(state);
    }
    if (furthest != null) {
      out.integer(6).integer(furthest);
    }
  }

  private static void writeDrawn(CborWriter out, LogRecord.Drawn drawn) {
    out.map(4).integer(KIND).integer(DRAWN);
    out.integer(1).text(drawn.store());
    out.integer(2).text(drawn.sequence());
    out.integer(3).integer(drawn.below());
  }

  private static void writeAccepted(CborWriter out, LogRecord.Accepted accepted) {
    String by = accepted.by();
    String reason = accepted.reason();
    out.map(3 + (by == null ? 0 : 1) + (reason == null ? 0 : 1)).integer(KIND).integer(ACCEPTED);
    TransactionCodec.write(out.integer(1), accepted.transaction());
    out.integer(2).bool(accepted.inDoubt());
    if (by != null) {
      out.integer(3).text(by);
    }
    if (reason != null) {
      out.integer(4).text(reason);
    }
  }

  private static void writeHeld(CborWriter out, LogRecord.Held held) {
    out.map(6).integer(KIND).integer(HELD);
    out.integer(1).text(held.store());
    out.integer(2).bool(held.held());
    out.integer(3).text(held.by());
    out.integer(4).text(held.reason());
    writeInstant(out.integer(5), held.at());
  }

  private static void writeRetained(CborWriter out, LogRecord.Retained retained) {
    out.map(3 + (retained.seen().isEmpty() ? 0 : 1)).integer(KIND).integer(RETAINED);
    TransactionCodec.write(out.integer(1), retained.transaction());
    out.integer(2).bool(retained.again());
    if (!retained.seen().isEmpty()) {
      out.integer(3).array(2 * retained.seen().size());
      retained.seen().forEach((sequence, value) -> out.text(sequence).integer(value));
    }
  }

  private static void writeEra(CborWriter out, LogRecord.Era era) {
    out.map(5).integer(KIND).integer(ERA);
    out.integer(1).text(era.store());
    out.integer(2).integer(era.epoch());
    out.integer(3).integer(era.lineage());
    out.integer(4).text(era.writer());
  }

  private static void writeCopied(CborWriter out, LogRecord.Copied copied) {
    out.map(3).integer(KIND).integer(COPIED);
    out.integer(1).integer(copied.upTo());
    out.integer(2).integer(copied.ticket());
  }

  private static void writeMoved(CborWriter out, LogRecord.Moved moved) {
    out.map(3).integer(KIND).integer(MOVED);
    writeId(out.integer(1), moved.id());
    out.integer(2).integer(moved.ticket());
  }

  private static void writeOfEntry(CborWriter out, int kind, long entry, TransactionId id) {
    out.map(3).integer(KIND).integer(kind);
    writeId(out.integer(1), id);
    out.integer(2).integer(entry);
  }

  private static void writeMark(CborWriter out, LogRecord.Mark mark) {
    Refusal refusal = mark.refusal();
    String note = mark.note();
    String by = mark.by();
    int more = (refusal == null ? 0 : 1) + (note == null ? 0 : 1) + (by == null ? 0 : 1);
    out.map(5 + more).integer(KIND).integer(MARK);
    writeId(out.integer(1), mark.id());
    out.integer(2).integer(code(mark.outcome()));
    if (refusal != null) {
      out.integer(3).array(2).text(refusal.sqlState()).text(refusal.message());
    }
    if (note != null) {
      out.integer(4).text(note);
    }
    writeInstant(out.integer(5), mark.at());
    out.integer(6).integer(mark.entry());
    if (by != null) {
      out.integer(7).text(by);
    }
  }

  /** The record that comes next, outside of an entry. */
  static LogRecord readRecord(CborReader in) {
    int keys = in.map();
    if (keys == 0 || in.integer() != KIND) {
      throw in.malformed("a record begins with its kind");
    }
    int kind = in.int32();
    return switch (kind) {
      case OPENED -> readOpened(in, keys - 1);
      case REGISTERED -> readRegistered(in, keys - 1);
      case ACCEPTED -> readAccepted(in, keys - 1);
      case MARK -> readMark(in, keys - 1);
      case ADOPTED -> readAdopted(in, keys - 1);
      case LOST -> readLost(in, keys - 1);
      case LEASED -> readLeased(in, keys - 1);
      case DRAWN -> readDrawn(in, keys - 1);
      case HELD -> readHeld(in, keys - 1);
      case RETAINED -> readRetained(in, keys - 1);
      case ERA -> readEra(in, keys - 1);
      case COPIED -> readCopied(in, keys - 1);
      case MOVED -> readMoved(in, keys - 1);
      case DEFERRED -> readOfEntry(in, keys - 1, LogRecord.Deferred::new);
      case DELAYED -> readOfEntry(in, keys - 1, LogRecord.Delayed::new);
      default -> throw in.malformed("a record of an unknown kind, kind=" + kind);
    };
  }

  private static LogRecord readOpened(CborReader in, int keys) {
    UUID incarnation = null;
    Instant at = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> incarnation = in.uuid();
        case 2 -> at = readInstant(in);
        default -> in.skip();
      }
    }
    return new LogRecord.Opened(require(incarnation, "incarnation"), require(at, "at"));
  }

  private static LogRecord readRegistered(CborReader in, int keys) {
    String store = null;
    UUID incarnation = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> incarnation = in.uuid();
        default -> in.skip();
      }
    }
    return new LogRecord.Registered(require(store, "store"), require(incarnation, "incarnation"));
  }

  private static LogRecord readAdopted(CborReader in, int keys) {
    String store = null;
    Long below = null;
    Instant at = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> below = in.integer();
        case 3 -> at = readInstant(in);
        default -> in.skip();
      }
    }
    return new LogRecord.Adopted(
        require(store, "store"), require(below, "set aside below"), require(at, "at"));
  }

  private static LogRecord readLost(CborReader in, int keys) {
    Instant at = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> at = readInstant(in);
        default -> in.skip();
      }
    }
    return new LogRecord.Lost(require(at, "at"));
  }

  private static LogRecord readLeased(CborReader in, int keys) {
    String store = null;
    String sequence = null;
    Long from = null;
    List<ValueRange> values = null;
    String state = null;
    Long furthest = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> sequence = in.text();
        case 3 -> from = in.integer();
        case 4 -> values = readRanges(in);
        case 5 -> state = in.text();
        case 6 -> furthest = in.integer();
        default -> in.skip();
      }
    }
    return new LogRecord.Leased(
        require(store, "store"),
        require(sequence, "sequence"),
        require(from, "from"),
        require(values, "values"),
        state,
        furthest);
  }

  private static List<ValueRange> readRanges(CborReader in) {
    int numbers = in.array();
    if (numbers % 3 != 0) {
      throw in.malformed("a range of values has three numbers");
    }
    List<ValueRange> ranges = new ArrayList<>();
    for (int left = numbers; left > 0; left -= 3) {
      ranges.add(new ValueRange(in.integer(), in.integer(), in.integer()));
    }
    return ranges;
  }

  private static LogRecord readDrawn(CborReader in, int keys) {
    String store = null;
    String sequence = null;
    Long below = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> sequence = in.text();
        case 3 -> below = in.integer();
        default -> in.skip();
      }
    }
    return new LogRecord.Drawn(
        require(store, "store"), require(sequence, "sequence"), require(below, "below"));
  }

  private static LogRecord readAccepted(CborReader in, int keys) {
    Transaction transaction = null;
    Boolean inDoubt = null;
    String by = null;
    String reason = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> transaction = TransactionCodec.read(in);
        case 2 -> inDoubt = in.bool();
        case 3 -> by = in.text();
        case 4 -> reason = in.text();
        default -> in.skip();
      }
    }
    return new LogRecord.Accepted(
        require(transaction, "transaction"), require(inDoubt, "in doubt"), by, reason);
  }

  private static LogRecord readHeld(CborReader in, int keys) {
    String store = null;
    Boolean held = null;
    String by = null;
    String reason = null;
    Instant at = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> held = in.bool();
        case 3 -> by = in.text();
        case 4 -> reason = in.text();
        case 5 -> at = readInstant(in);
        default -> in.skip();
      }
    }
    return new LogRecord.Held(
        require(store, "store"),
        require(held, "held"),
        require(by, "by"),
        require(reason, "reason"),
        require(at, "at"));
  }

  private static LogRecord readRetained(CborReader in, int keys) {
    Transaction transaction = null;
    Boolean again = null;
    Map<String, Long> seen = Map.of();
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> transaction = TransactionCodec.read(in);
        case 2 -> again = in.bool();
        case 3 -> seen = readSeen(in);
        default -> in.skip();
      }
    }
    return new LogRecord.Retained(
        require(transaction, "transaction"), require(again, "again"), seen);
  }

  private static Map<String, Long> readSeen(CborReader in) {
    int parts = in.array();
    if (parts % 2 != 0) {
      throw in.malformed("a sequence without a value");
    }
    Map<String, Long> seen = new HashMap<>();
    for (int left = parts; left > 0; left -= 2) {
      seen.put(in.text(), in.integer());
    }
    return seen;
  }

  private static LogRecord readEra(CborReader in, int keys) {
    String store = null;
    Long epoch = null;
    Long lineage = null;
    String writer = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> store = in.text();
        case 2 -> epoch = in.integer();
        case 3 -> lineage = in.integer();
        case 4 -> writer = in.text();
        default -> in.skip();
      }
    }
    return new LogRecord.Era(
        require(store, "store"),
        require(epoch, "epoch"),
        require(lineage, "lineage"),
        require(writer, "writer"));
  }

  private static LogRecord readCopied(CborReader in, int keys) {
    Long upTo = null;
    Long ticket = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> upTo = in.integer();
        case 2 -> ticket = in.integer();
        default -> in.skip();
      }
    }
    return new LogRecord.Copied(require(upTo, "up to"), require(ticket, "ticket"));
  }

  private static LogRecord readMoved(CborReader in, int keys) {
    TransactionId id = null;
    Long ticket = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> id = readId(in);
        case 2 -> ticket = in.integer();
        default -> in.skip();
      }
    }
    return new LogRecord.Moved(require(id, "id"), require(ticket, "ticket"));
  }

  private static LogRecord readOfEntry(
      CborReader in, int keys, BiFunction<Long, TransactionId, LogRecord> record) {
    TransactionId id = null;
    Long entry = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> id = readId(in);
        case 2 -> entry = in.integer();
        default -> in.skip();
      }
    }
    return record.apply(require(entry, "entry"), require(id, "id"));
  }

  private static LogRecord readMark(CborReader in, int keys) {
    TransactionId id = null;
    Outcome outcome = null;
    Refusal refusal = null;
    String note = null;
    Instant at = null;
    Long entry = null;
    String by = null;
    for (int left = keys; left > 0; left--) {
      switch (in.int32()) {
        case 1 -> id = readId(in);
        case 2 -> outcome = outcome(in);
        case 3 -> refusal = readRefusal(in);
        case 4 -> note = in.text();
        case 5 -> at = readInstant(in);
        case 6 -> entry = in.integer();
        case 7 -> by = in.text();
        default -> in.skip();
      }
    }
    return new LogRecord.Mark(
        require(entry, "entry"),
        require(id, "id"),
        require(outcome, "outcome"),
        refusal,
        note,
        require(at, "at"),
        by);
  }

  private static Refusal readRefusal(CborReader in) {
    in.array(2);
    return new Refusal(in.text(), in.text());
  }

  private static int code(Outcome outcome) {
    return switch (outcome) {
      case APPLIED -> 1;
      case ACCEPTED -> 2;
      case IN_DOUBT -> 3;
      case REFUSED -> 4;
      case REPLACED -> 5;
      case DISCARDED -> 6;
      case ABORTED -> 7;
      case UNKNOWN -> 8;
      case DUPLICATE -> 9;
    };
  }

  private static Outcome outcome(CborReader in) {
    int code = in.int32();
    for (Outcome outcome : Outcome.values()) {
      if (code(outcome) == code) {
        return outcome;
      }
    }
    throw in.malformed("an unknown outcome, code=" + code);
  }
}
