package io.rananeeti.internal.archive;

import io.rananeeti.internal.codec.ArchiveCodec;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveIndex.Data;
import io.rananeeti.internal.codec.ArchiveIndex.Member;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.internal.codec.CborWriter;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An object of the archive while it is written, into a file: gzip members, each of whole entries
 * and about {@link ArchiveSize#memberBytes} unpacked. Used by one thread. Holds one entry in memory
 * at a time.
 *
 * <p>What is in it depends on the entries only, so that an object that is written again after a
 * crash is the same. (The packed bytes depend on the JDK's zlib too; the object's name has a digest
 * of them.)
 */
public final class ArchiveDraft implements AutoCloseable {

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final ArchiveName begun;
  private final ArchiveSize size;
  private final OutputStream channel;
  private final MessageDigest packed = Sha256.begin();
  private final MessageDigest unpacked = Sha256.begin();
  private final CborWriter item = new CborWriter();
  private final List<Member> members = new ArrayList<>();
  private final Contents contents = new Contents();
  private @Nullable GZIPOutputStream member;
  private long offset;
  private long memberOffset;
  private long memberFirst;
  private int memberBytes;
  private long contentBytes;
  private long next;

  /**
   * Begins one, in place of what is in the file.
   *
   * @param begun with the first entry; its last one is not known yet
   */
  public ArchiveDraft(Path file, ArchiveName begun, ArchiveSize size) throws IOException {
    this.file = file;
    this.begun = begun;
    this.size = size;
    this.next = begun.first();
    this.channel =
        Channels.newOutputStream(
            DurableFiles.openPrivate(file, StandardOpenOption.TRUNCATE_EXISTING));
    ArchiveCodec.header(item, begun); // Goes with the first entry.
  }

  /** The sequence number of the first entry. */
  public long first() {
    return begun.first();
  }

  /** The sequence number of the entry that comes next. */
  public long next() {
    return next;
  }

  /** Adds the next entry. */
  public void add(Frame frame, LogRecord record) throws IOException {
    if (frame.sequence() != next) {
      throw new IllegalArgumentException(
          "entry %d expected, not %d".formatted(next, frame.sequence()));
    }
    if (member == null) {
      memberFirst = next;
    }
    ArchiveCodec.entry(item, frame.sequence(), record, frame.payload());
    write();
    contents.add(record);
    next++;
    if (memberBytes >= size.memberBytes()) {
      endMember();
    }
  }

  /** Whether it ends where it is, as it is large enough. */
  public boolean isFull() {
    return contentBytes >= size.objectBytes();
  }

  /** Whether it ends before this record: another open of the log begins, or another day. */
  public boolean endsBefore(LogRecord record) {
    return next > begun.first()
        && (record instanceof LogRecord.Opened || contents.isOfALaterDay(record));
  }

  /** An object that is whole, in its file. */
  public record Finished(Path file, ArchiveIndex index) {}

  /** Ends it. */
  public Finished finish() throws IOException {
    endMember();
    channel.close();
    Data data =
        new Data(
            offset,
            HexFormat.of().formatHex(packed.digest()),
            contentBytes,
            HexFormat.of().formatHex(unpacked.digest()),
            members);
    ArchiveName name =
        new ArchiveName(
            begun.platform(), begun.log(), begun.first(), next - 1, begun.incarnation());
    return new Finished(file, contents.index(name, data));
  }

  /** Gives the file free, which stays. */
  @Override
  public void close() throws IOException {
    GZIPOutputStream open = member;
    member = null;
    if (open != null) {
      open.close();
    }
    channel.close();
  }

  private void write() throws IOException {
    GZIPOutputStream out = member;
    if (out == null) {
      memberOffset = offset;
      memberBytes = 0;
      out = new GZIPOutputStream(new Packed(), BUFFER);
      member = out;
    }
    out.write(item.array(), 0, item.length());
    unpacked.update(item.array(), 0, item.length());
    memberBytes += item.length();
    contentBytes += item.length();
    item.reset(0);
  }

  private void endMember() throws IOException {
    GZIPOutputStream out = member;
    if (out != null) {
      member = null;
      out.close();
      members.add(new Member(memberOffset, memberFirst, memberBytes));
    }
  }

  /** What has been packed, on its way to the file; does not close it. */
  private final class Packed extends OutputStream {

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      channel.write(bytes, from, length);
      packed.update(bytes, from, length);
      offset += length;
    }
  }
}
