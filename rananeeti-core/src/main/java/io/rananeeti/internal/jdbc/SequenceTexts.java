package io.rananeeti.internal.jdbc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What texts ask of sequences, remembered for those that come again. Thread-safe. */
final class SequenceTexts {

  private static final long REMEMBERED = 1_000_000;
  private static final int LONGEST_REMEMBERED = 10_000;

  private static final String NEXTVAL = "nextval";

  private final Cache<String, Optional<NextvalQuery>> queries = cache();
  private final Cache<String, Optional<InsertText>> inserts = cache();

  private final Cache<String, Optional<SqlScanner.Effects>> effects = cache();

  private static <T> Cache<String, Optional<T>> cache() {
    return Caffeine.newBuilder()
        .maximumWeight(REMEMBERED)
        .weigher((String sql, Optional<T> read) -> 200 + sql.length())
        .executor(Runnable::run)
        .build();
  }

  /** What a query asks; null if that is anything else than values of sequences. */
  @Nullable NextvalQuery query(String sql) {
    return isMentioned(sql) ? read(queries, sql, NextvalQuery::of) : null;
  }

  /** Most queries have nothing to do with sequences, and must cost no more than this look. */
  private static boolean isMentioned(String sql) {
    return isMentioned(sql, NEXTVAL);
  }

  private static boolean isMentioned(String sql, String word) {
    for (int i = 0; i <= sql.length() - word.length(); i++) {
      if (sql.regionMatches(true, i, word, 0, word.length())) {
        return true;
      }
    }
    return false;
  }

  /** Whether it may ask what the session has drawn from a sequence. */
  static boolean asksSession(String sql) {
    return isMentioned(sql, "currval") || isMentioned(sql, "lastval");
  }

  /** An insert in its parts; null if it is not of a form into which a key can be written. */
  @Nullable InsertText insert(String sql) {
    return read(inserts, sql, InsertText::of);
  }

  /** What a query may do by what it calls. */
  SqlScanner.Effects effects(String sql) {
    return Objects.requireNonNull(read(effects, sql, SqlScanner::effects));
  }

  private static <T> @Nullable T read(
      Cache<String, Optional<T>> cache, String sql, Function<String, @Nullable T> reader) {
    if (sql.length() > LONGEST_REMEMBERED) {
      return reader.apply(sql);
    }
    return cache.get(sql, text -> Optional.ofNullable(reader.apply(text))).orElse(null);
  }
}
