package io.rananeeti.internal.archive;

import io.rananeeti.internal.codec.ArchiveCodec;
import io.rananeeti.internal.codec.ArchiveCodec.Item;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveIndex.Member;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.internal.codec.CodecException;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.ArchiveStorage.Stored;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads what is archived. An object counts from the moment that its index is there. Keeps a list of
 * names and one gzip member in memory, no more. Used by one thread.
 */
public final class ArchiveReader {

  private static final int PAGE = 10_000;

  private final ArchiveStorage storage;

  /** Of this storage, which stays open. */
  public ArchiveReader(ArchiveStorage storage) {
    this.storage = storage;
  }

  /** What is done with each. */
  @FunctionalInterface
  public interface Action<T> {
    /** Does it. */
    void with(T each) throws IOException;
  }

  /** Goes through the names of all indexes that begin like this, by ascending names. */
  public void names(String prefix, Action<ArchiveName> action) throws IOException {
    List<Stored> page = storage.list(prefix, "", PAGE);
    while (!page.isEmpty()) {
      for (Stored stored : page) {
        ArchiveName name = ArchiveName.ofIndex(stored.name());
        if (name != null) {
          action.with(name);
        }
      }
      page = storage.list(prefix, page.get(page.size() - 1).name(), PAGE);
    }
  }

  /**
   * The index of this name.
   *
   * @throws IOException if it can't be read
   */
  public ArchiveIndex index(ArchiveName name) throws IOException {
    try (InputStream in = storage.open(name.index(), 0)) {
      return ArchiveCodec.decode(name, in.readAllBytes());
    } catch (CodecException damaged) {
      throw new IOException("damaged: " + name.index() + ": " + damaged.getMessage(), damaged);
    }
  }

  /**
   * Reads all entries of an object, in order.
   *
   * @throws IOException if it can't be read, or is not what the index says: found out at the end at
   *     the latest
   */
  public void read(ArchiveIndex index, Action<Item> action) throws IOException {
    MessageDigest packed = Sha256.begin();
    MessageDigest unpacked = Sha256.begin();
    long[] next = {index.name().first()};
    try (InputStream in = storage.open(index.dataName(), 0)) {
      for (int i = 0; i < index.data().members().size(); i++) {
        byte[] member = in.readNBytes(packedBytes(index, i));
        packed.update(member);
        byte[] content = unpack(index, i, member);
        unpacked.update(content);
        for (Item item : items(index, content)) {
          check(index, item.sequence() == next[0]++, "its entries");
          action.with(item);
        }
      }
      check(index, in.read() < 0, "its length");
    }
    check(index, next[0] == index.name().last() + 1, "the number of its entries");
    check(index, hex(packed).equals(index.data().sha256()), "its SHA-256");
    check(index, hex(unpacked).equals(index.data().contentSha256()), "the SHA-256 of its content");
  }

  /** Reads one entry, and what stands with it in a gzip member; null if it is in another object. */
  public void read(ArchiveIndex index, long sequence, Action<Item> action) throws IOException {
    List<Member> members = index.data().members();
    if (sequence < index.name().first() || sequence > index.name().last()) {
      return;
    }
    int at = members.size() - 1;
    while (at > 0 && members.get(at).first() > sequence) {
      at--;
    }
    try (InputStream in = storage.open(index.dataName(), members.get(at).offset())) {
      for (Item item : items(index, unpack(index, at, in.readNBytes(packedBytes(index, at))))) {
        if (item.sequence() == sequence) {
          action.with(item);
        }
      }
    }
  }

  private static int packedBytes(ArchiveIndex index, int member) throws IOException {
    List<Member> members = index.data().members();
    long end =
        member + 1 < members.size() ? members.get(member + 1).offset() : index.data().bytes();
    long length = end - members.get(member).offset();
    check(index, length > 0 && length < Integer.MAX_VALUE, "the places of its members");
    return (int) length;
  }

  private static byte[] unpack(ArchiveIndex index, int at, byte[] packed) throws IOException {
    Member member = index.data().members().get(at);
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      byte[] content = in.readNBytes(member.contentBytes());
      check(index, content.length == member.contentBytes() && in.read() < 0, "a member's length");
      return content;
    } catch (IOException damaged) {
      throw new IOException(
          "damaged: %s at byte %d: %s"
              .formatted(index.dataName(), member.offset(), damaged.getMessage()),
          damaged);
    }
  }

  private static List<Item> items(ArchiveIndex index, byte[] content) throws IOException {
    try {
      return ArchiveCodec.items(ByteBuffer.wrap(content));
    } catch (CodecException damaged) {
      throw new IOException("damaged: " + index.dataName() + ": " + damaged.getMessage(), damaged);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void check(ArchiveIndex index, boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException(
          "damaged: %s is not what its index says: %s".formatted(index.dataName(), what));
    }
  }
}
