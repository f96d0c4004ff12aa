package io.rananeeti.aurora.scenarios;

import io.rananeeti.Receipt;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an application knows of one transaction that it has tried.
 *
 * @param work what it did
 * @param token names it in the database
 * @param key the trail that it wrote on, null if none
 * @param begun when it began, as {@link System#nanoTime()} tells
 * @param committing when its {@code commit()} was called, or in auto-commit mode its statement
 * @param ended when it was over
 * @param receipt what it was told, null if it failed
 * @param failure with what it failed, null if it did not
 */
record Note(
    Work work,
    String token,
    @Nullable String key,
    long begun,
    long committing,
    long ended,
    @Nullable Receipt receipt,
    @Nullable SQLException failure) {

  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\\d+");

  Duration took() {
    return Duration.ofNanos(ended - begun);
  }

  boolean acknowledged() {
    return failure == null;
  }

  String sqlState() {
    return failure == null ? "" : String.valueOf(failure.getSQLState());
  }

  /** The id that an 08007 names, null if it names none. */
  @Nullable String idInDoubt() {
    Matcher matcher = ID.matcher(failure == null ? "" : String.valueOf(failure.getMessage()));
    return matcher.find() ? matcher.group() : null;
  }
}
