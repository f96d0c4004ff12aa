package io.rananeeti.internal.codec;

import io.rananeeti.store.Content;
import io.rananeeti.store.Context;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Spool;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a transaction is about, in 32 bytes: SHA-256 over its operations as the log would keep them,
 * and over who it is run as. The same whether they were run or recorded: update counts don't count,
 * whether promised or answered, nor keys that were generated. Stateless, thread-safe.
 *
 * <p>Of the settings around a transaction those count that say whose data it meets ({@code role},
 * {@code session_authorization}, {@code search_path}) and all of the application's own, whose names
 * have a dot: tenants are set that way. The same order of another tenant is another order.
 */
public final class ContentDigest {

  private static final Set<String> WHOSE = Set.of("role", "session_authorization", "search_path");

  private static final int CHUNK = 64 << 10;

  private ContentDigest() {}

  /**
   * The digest, as hexadecimal digits.
   *
   * @throws IllegalArgumentException if the log could not keep it either
   */
  public static String of(List<Operation> operations, Context context) {
    return of(
        operations,
        context,
        (after, content) -> {
          throw new IllegalStateException("there is no spool");
        },
        new CborWriter(),
        sha256());
  }

  /**
   * The same of operations that may name content in the spool: it is read, so the digest is that of
   * the same operations with the content in them.
   *
   * @throws UncheckedIOException if it can't be read
   */
  public static String of(List<Operation> operations, Context context, Spool spool) {
    MessageDigest sha = sha256();
    return of(
        operations,
        context,
        (after, content) -> read(spool, content, after, sha),
        new CborWriter(),
        sha);
  }

  private static String of(
      List<Operation> operations,
      Context context,
      ContentSplice splice,
      CborWriter out,
      MessageDigest sha) {
    out.splicing(splice).array(operations.size());
    operations.forEach(operation -> TransactionCodec.writeContent(out, operation));
    Map<String, String> whose = new TreeMap<>(context.settings());
    whose.keySet().removeIf(name -> !WHOSE.contains(name) && name.indexOf('.') < 0);
    out.array(2 * whose.size()).pairs(whose);
    sha.update(out.array(), 0, out.length());
    return HexFormat.of().formatHex(sha.digest());
  }

  private static void read(Spool spool, Content content, CborWriter after, MessageDigest sha) {
    sha.update(after.array(), 0, after.length());
    after.reset(0);
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = spool.read(content)) {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        sha.update(chunk, 0, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }
}
