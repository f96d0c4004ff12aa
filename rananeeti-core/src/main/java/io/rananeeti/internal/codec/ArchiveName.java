package io.rananeeti.internal.codec;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an object of the archive holds, as its name says it: {@code
 * <platform>/<log>/<first>-<last>-<incarnation>}, and behind that {@value #INDEX} for the index, or
 * {@code -}, the first {@value #DIGITS} digits of the object's SHA-256 and {@value #DATA} for the
 * entries. The numbers have 19 digits, so that names sort by them.
 *
 * <p>The incarnation tells the entries of a copied log, which has gone on from the copy, from those
 * of the log that it was copied from: both have the same id and the same numbers.
 *
 * @param platform the platform's name
 * @param log the log's id
 * @param first the sequence number of the first entry
 * @param last the sequence number of the last entry, with none missing in between
 * @param incarnation the open of the log that has written them; {@link #UNKNOWN} if nothing says
 */
public record ArchiveName(String platform, UUID log, long first, long last, UUID incarnation) {

  /** Of entries that were in the log before it had an archive. */
  public static final UUID UNKNOWN = new UUID(0, 0);

  /** How the names of indexes end. */
  public static final String INDEX = ".index.cbor";

  /** How the names of objects with entries end. */
  public static final String DATA = ".cbor.gz";

  private static final int DIGITS = 16;
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Za-z0-9_-]{1,32})/([0-9a-f-]{36})/(\\d{19})-(\\d{19})-([0-9a-f-]{36})"
              + Pattern.quote(INDEX));

  /** What the names of all objects of a log begin with. */
  public static String prefix(String platform, UUID log) {
    return platform + "/" + log + "/";
  }

  /** The name of the index. */
  public String index() {
    return stem() + INDEX;
  }

  /** The name of the object with the entries, whose bytes have this SHA-256. */
  public String data(String sha256) {
    return stem() + "-" + sha256.substring(0, DIGITS) + DATA;
  }

  private String stem() {
    return "%s%019d-%019d-%s".formatted(prefix(platform, log), first, last, incarnation);
  }

  /** What the name of an index says; null if it is none. */
  public static @Nullable ArchiveName ofIndex(String name) {
    Matcher matcher = FORM.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    try {
      return new ArchiveName(
          matcher.group(1),
          UUID.fromString(matcher.group(2)),
          Long.parseLong(matcher.group(3)),
          Long.parseLong(matcher.group(4)),
          UUID.fromString(matcher.group(5)));
    } catch (IllegalArgumentException somebodyElses) {
      return null;
    }
  }
}
