package io.rananeeti.internal.jdbc;

import io.rananeeti.store.Operation;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Update counts in JDBC's several forms. */
final class Counts {

  private Counts() {}

  /** The counts that a call answered: of each row of a batch, or the only one. */
  static List<Long> of(@Nullable Object result, long updateCount, int rows) {
    if (result instanceof int[] counts) {
      return Arrays.stream(counts).mapToObj(Counts::known).toList();
    }
    if (result instanceof long[] counts) {
      return Arrays.stream(counts).mapToObj(Counts::known).toList();
    }
    return same(rows, known(updateCount));
  }

  static List<Long> same(int rows, long count) {
    return Collections.nCopies(rows, count);
  }

  static int[] narrow(long[] counts) {
    return Arrays.stream(counts)
        .mapToInt(count -> (int) Math.min(count, Integer.MAX_VALUE))
        .toArray();
  }

  /** As the driver does: a count that no int holds is success, and nothing more is known. */
  static int narrow(long count) {
    return count > Integer.MAX_VALUE ? Statement.SUCCESS_NO_INFO : (int) count;
  }

  private static long known(long count) {
    return count < 0 ? Operation.ANY : count;
  }
}
