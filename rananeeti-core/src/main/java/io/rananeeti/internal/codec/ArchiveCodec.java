package io.rananeeti.internal.codec;

import static io.rananeeti.internal.codec.TransactionCodec.require;

import io.rananeeti.internal.codec.ArchiveIndex.Data;
import io.rananeeti.internal.codec.ArchiveIndex.Member;
import io.rananeeti.internal.codec.ArchiveIndex.Numbers;
import io.rananeeti.log.LogRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The format of the archive, version 1: what is in an object of entries, unpacked, is a CBOR
 * sequence (RFC 8742) of a header and of the entries in order. An index is one item. All keys are
 * texts but those of records, which are as in the log, byte for byte. Stateless, thread-safe.
 *
 * <pre>
 * header  "format": "rananeeti-archive"     index  "format": "rananeeti-archive-index"
 *         "version": 1                             "version": 1
 *         "platform": text                         "platform", "log", "incarnation": as in the header
 *         "log": uuid                              "first", "last": sequence numbers
 *         "incarnation": uuid                      "from"?, "to"?: date and time, tag 0
 * entry   "sequence": number                       "kinds": {kind: count...}
 *         "kind": text                             "ids": [[incarnation, least, greatest]...]
 *         "record": map, {@link EntryDescriptor}              "object": name
 *                                                  "bytes": length, "sha256": bytes
 * uuid    tag 37: 16 bytes                         "contentBytes": length, "contentSha256": bytes
 *                                                  "members": [[offset, first, contentBytes]...]
 * </pre>
 *
 * <p>A reader skips keys that it does not know.
 */
public final class ArchiveCodec {

  private static final String FORMAT = "rananeeti-archive";
  private static final String INDEX_FORMAT = "rananeeti-archive-index";
  private static final int VERSION = 1;
  private static final int DATE_TIME = 0;

  private ArchiveCodec() {}

  /**
   * An entry of the archive.
   *
   * @param sequence its number in the log
   * @param kind of its record
   * @param record null if a later release has written it, and this one does not understand it
   */
  public record Item(long sequence, String kind, @Nullable LogRecord record) {}

  /** Writes the header of the object with these entries; what is last is not known yet. */
  public static void header(CborWriter out, ArchiveName name) {
    out.map(5).text("format").text(FORMAT).text("version").integer(VERSION);
    out.text("platform").text(name.platform()).text("log").uuid(name.log());
    out.text("incarnation").uuid(name.incarnation());
  }

  /** Writes an entry of the log, whose record is this. */
  public static void entry(CborWriter out, long sequence, LogRecord record, ByteBuffer entry) {
    ByteBuffer content = RecordCodec.content(entry);
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    out.map(3).text("sequence").integer(sequence);
    out.text("kind").text(kind(record)).text("record").raw(bytes);
  }

  /** What a record's kind is called. */
  public static String kind(LogRecord record) {
    return record.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /**
   * The entries in one unpacked member.
   *
   * @throws CodecException if it is none
   */
  public static List<Item> items(ByteBuffer member) {
    ByteBuffer bytes = member.slice();
    CborReader in = new CborReader(bytes);
    List<Item> items = new ArrayList<>();
    while (bytes.hasRemaining()) {
      Item item = item(in, bytes);
      if (item != null) {
        items.add(item);
      }
    }
    return items;
  }

  /** Null for the header. */
  private static @Nullable Item item(CborReader in, ByteBuffer bytes) {
    Long sequence = null;
    String kind = null;
    ByteBuffer record = null;
    String format = null;
    for (int left = in.map(); left > 0; left--) {
      switch (in.text()) {
        case "format" -> format = in.text();
        case "version" -> checkVersion(in.integer());
        case "sequence" -> sequence = in.integer();
        case "kind" -> kind = in.text();
        case "record" -> record = skipped(in, bytes);
        default -> in.skip();
      }
    }
    if (format != null) {
      return null;
    }
    return new Item(
        require(sequence, "sequence"), require(kind, "kind"), record(require(record, "record")));
  }

  private static ByteBuffer skipped(CborReader in, ByteBuffer bytes) {
    int from = bytes.position();
    in.skip();
    return bytes.slice(from, bytes.position() - from);
  }

  private static @Nullable LogRecord record(ByteBuffer bytes) {
    try {
      return RecordCodec.readRecord(new CborReader(bytes));
    } catch (RuntimeException ofALaterRelease) {
      return null;
    }
  }

  private static void checkVersion(long version) {
    if (version != VERSION) {
      throw new CodecException(
          "an archive of format version %d, this release reads version %d"
              .formatted(version, VERSION));
    }
  }

  /** The bytes of an index. */
  public static byte[] encode(ArchiveIndex index) {
    CborWriter out = new CborWriter();
    ArchiveName name = index.name();
    Data data = index.data();
    Instant from = index.from();
    Instant to = index.to();
    out.map(15 + (from == null ? 0 : 1) + (to == null ? 0 : 1));
    out.text("format").text(INDEX_FORMAT).text("version").integer(VERSION);
    out.text("platform").text(name.platform()).text("log").uuid(name.log());
    out.text("incarnation").uuid(name.incarnation());
    out.text("first").integer(name.first()).text("last").integer(name.last());
    writeTime(out, "from", from);
    writeTime(out, "to", to);
    out.text("kinds").map(index.kinds().size());
    index.kinds().forEach((kind, count) -> out.text(kind).integer(count));
    writeIds(out, index.ids());
    out.text("object").text(index.dataName()).text("bytes").integer(data.bytes());
    out.text("sha256").bytes(HexFormat.of().parseHex(data.sha256()));
    out.text("contentBytes").integer(data.contentBytes());
    out.text("contentSha256").bytes(HexFormat.of().parseHex(data.contentSha256()));
    writeMembers(out, data.members());
    return out.toByteArray();
  }

  private static void writeTime(CborWriter out, String key, @Nullable Instant time) {
    if (time != null) {
      out.text(key).tag(DATE_TIME).text(time.toString());
    }
  }

  private static void writeIds(CborWriter out, Map<UUID, Numbers> ids) {
    out.text("ids").array(ids.size());
    ids.forEach(
        (incarnation, numbers) ->
            out.array(3).uuid(incarnation).integer(numbers.least()).integer(numbers.greatest()));
  }

  private static void writeMembers(CborWriter out, List<Member> members) {
    out.text("members").array(members.size());
    for (Member member : members) {
      out.array(3).integer(member.offset()).integer(member.first()).integer(member.contentBytes());
    }
  }

  /**
   * The index in these bytes, which stand under this name.
   *
   * @throws CodecException whatever is wrong with it
   */
  public static ArchiveIndex decode(ArchiveName name, byte[] bytes) {
    CborReader in = new CborReader(ByteBuffer.wrap(bytes));
    try {
      Read read = new Read();
      for (int left = in.map(); left > 0; left--) {
        read.key(in, in.text());
      }
      in.end();
      return read.index(name);
    } catch (CodecException malformed) {
      throw malformed;
    } catch (RuntimeException impossible) {
      throw new CodecException("an index with an impossible value", impossible);
    }
  }

  /** What has been read of an index. */
  private static final class Read {

    private @Nullable String format;
    private @Nullable Instant from;
    private @Nullable Instant to;
    private final Map<String, Long> kinds = new HashMap<>();
    private final Map<UUID, Numbers> ids = new HashMap<>();
    private final List<Member> members = new ArrayList<>();
    private long first;
    private long last;
    private long bytes;
    private long contentBytes;
    private @Nullable String sha256;
    private @Nullable String contentSha256;

    private void key(CborReader in, String key) {
      switch (key) {
        case "format" -> format = in.text();
        case "version" -> checkVersion(in.integer());
        case "first" -> first = in.integer();
        case "last" -> last = in.integer();
        case "from" -> from = time(in);
        case "to" -> to = time(in);
        case "kinds" -> readKinds(in);
        case "ids" -> readIds(in);
        case "bytes" -> bytes = in.integer();
        case "sha256" -> sha256 = HexFormat.of().formatHex(in.bytes());
        case "contentBytes" -> contentBytes = in.integer();
        case "contentSha256" -> contentSha256 = HexFormat.of().formatHex(in.bytes());
        case "members" -> readMembers(in);
        default -> in.skip();
      }
    }

    private static Instant time(CborReader in) {
      in.tag(DATE_TIME);
      return Instant.parse(in.text());
    }

    private void readKinds(CborReader in) {
      for (int left = in.map(); left > 0; left--) {
        kinds.put(in.text(), in.integer());
      }
    }

    private void readIds(CborReader in) {
      for (int left = in.array(); left > 0; left--) {
        in.array(3);
        ids.put(in.uuid(), new Numbers(in.integer(), in.integer()));
      }
    }

    private void readMembers(CborReader in) {
      for (int left = in.array(); left > 0; left--) {
        in.array(3);
        members.add(new Member(in.integer(), in.integer(), in.int32()));
      }
    }

    private ArchiveIndex index(ArchiveName name) {
      if (!INDEX_FORMAT.equals(format)) {
        throw new CodecException("no index of an archive: format=" + format);
      }
      if (first != name.first() || last != name.last()) {
        throw new CodecException("an index under the name of another: " + name.index());
      }
      Data data =
          new Data(
              bytes,
              require(sha256, "sha256"),
              contentBytes,
              require(contentSha256, "contentSha256"),
              members);
      return new ArchiveIndex(name, from, to, kinds, ids, data);
    }
  }
}
