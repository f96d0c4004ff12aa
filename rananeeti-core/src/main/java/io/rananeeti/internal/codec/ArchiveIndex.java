package io.rananeeti.internal.codec;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an object of the archive holds and where; {@link ArchiveCodec} draws it.
 *
 * @param name which entries
 * @param from the earliest time in them; null if none has one
 * @param to the latest
 * @param kinds how many entries there are of each kind
 * @param ids of each incarnation, the least and the greatest number of the transactions that the
 *     entries name
 * @param data the object, and what is in it
 */
public record ArchiveIndex(
    ArchiveName name,
    @Nullable Instant from,
    @Nullable Instant to,
    Map<String, Long> kinds,
    Map<UUID, Numbers> ids,
    Data data) {

  /** Copies the maps. */
  public ArchiveIndex {
    kinds = new TreeMap<>(kinds);
    ids = new LinkedHashMap<>(ids);
  }

  /** From the least to the greatest. */
  public record Numbers(long least, long greatest) {

    /** With another one among them. */
    public Numbers and(long number) {
      return new Numbers(Math.min(least, number), Math.max(greatest, number));
    }
  }

  /**
   * The object.
   *
   * @param bytes its length
   * @param sha256 of its bytes, in lower case hexadecimal digits
   * @param contentBytes the length of what is in it, unpacked
   * @param contentSha256 of that
   * @param members the gzip members that it is made of
   */
  public record Data(
      long bytes, String sha256, long contentBytes, String contentSha256, List<Member> members) {

    /** Copies the list. */
    public Data {
      members = List.copyOf(members);
    }
  }

  /**
   * A gzip member, which can be unpacked by itself and ends with an entry.
   *
   * @param offset where it begins in the object
   * @param first the sequence number of its first entry
   * @param contentBytes the length of what is in it, unpacked
   */
  public record Member(long offset, long first, int contentBytes) {}

  /** How many entries there are. */
  public long entries() {
    return name.last() - name.first() + 1;
  }

  /** The name of the object with the entries. */
  public String dataName() {
    return name.data(data.sha256());
  }

  /** Whether an entry may name this transaction. */
  public boolean mayName(UUID incarnation, long number) {
    Numbers numbers = ids.get(incarnation);
    return numbers != null && number >= numbers.least() && number <= numbers.greatest();
  }
}
