package io.rananeeti.internal.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * What the scanner makes of a statement's text. It only vetoes: what it does not know is not a
 * plain query, and may not be deferred.
 *
 * @param kind what the text is
 * @param rows of an {@link Kind#INSERT}: how many rows it lists
 * @param veto why it may not be deferred; null if it may
 * @param opaque why it can't be recorded at all; null if it can
 * @param outside whether PostgreSQL runs it outside transactions, or it commits by itself: nobody
 *     can settle it (C7)
 * @param name of a {@link Kind#SETTING} or a savepoint, in lower case; empty for others
 * @param value of a {@link Kind#SETTING}; null for {@code DEFAULT}
 */
record SqlVerdict(
    Kind kind,
    int rows,
    @Nullable String veto,
    @Nullable String opaque,
    boolean outside,
    String name,
    @Nullable String value) {

  /** What a text is. */
  enum Kind {
    /** Proven to be a query without effects. */
    PLAIN_QUERY,
    /** {@code INSERT ... VALUES} without {@code ON CONFLICT}: the count is known. */
    INSERT,
    /** A write whose count only the store knows. */
    COUNTED,
    /** {@code SET name = value} for the session. */
    SETTING,
    /** {@code SET LOCAL name = value}: for this transaction. */
    LOCAL_SETTING,
    /** {@code SELECT set_config(...)} for the session; without a value, it is the parameter. */
    SET_CONFIG,
    /**
     * {@code SELECT set_config(...)} for this transaction; without a value, it is the parameter.
     */
    SET_CONFIG_LOCAL,
    BEGIN,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    ROLLBACK_TO,
    EMPTY,
    /** Anything else. */
    OTHER
  }

  static SqlVerdict of(Kind kind) {
    return new SqlVerdict(kind, 0, null, null, false, "", null);
  }

  static SqlVerdict other(String veto) {
    return new SqlVerdict(Kind.OTHER, 0, veto, null, false, "", null);
  }

  static SqlVerdict opaque(String why, boolean outside) {
    return new SqlVerdict(Kind.OTHER, 0, why, why, outside, "", null);
  }

  static SqlVerdict named(Kind kind, String name, @Nullable String value) {
    return new SqlVerdict(kind, 0, null, null, false, name, value);
  }

  static SqlVerdict write(Kind kind, int rows, @Nullable String veto) {
    return new SqlVerdict(kind, rows, veto, null, false, "", null);
  }
}
