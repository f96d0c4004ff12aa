package io.rananeeti.internal.jdbc;

import io.rananeeti.store.StatementReader.Reading;
import java.util.List;
import java.util.Objects;
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
 * @param name of a {@link Kind#SETTING} or a savepoint, in lower case; of a {@link Kind#BEGIN}
 *     {@code on} for read-only and {@code off} for read-write; empty for others
 * @param value of a {@link Kind#SETTING}; null for {@code DEFAULT}; the options of a {@link
 *     Kind#BEGIN}; of {@link Kind#MODES} {@code on} for read-only and {@code off} for read-write
 * @param parameters how many {@code ?} there are
 * @param several whether it holds several statements
 * @param leavesState whether it may leave in the session what nobody could make again elsewhere
 * @param controls whether it begins or ends transactions among other things, or in a way of its own
 * @param literals of a {@link Kind#PLAIN_QUERY} that lists nothing else: its row; null for others
 * @param later whether all that speaks against deferring it is that functions in its text would run
 *     when it is applied
 */
record SqlVerdict(
    Kind kind,
    int rows,
    @Nullable String veto,
    @Nullable String opaque,
    boolean outside,
    String name,
    @Nullable String value,
    int parameters,
    boolean several,
    boolean leavesState,
    boolean controls,
    @Nullable Literals literals,
    boolean later) {

  private SqlVerdict(
      Kind kind,
      int rows,
      @Nullable String veto,
      @Nullable String opaque,
      boolean outside,
      String name,
      @Nullable String value,
      int parameters,
      boolean several,
      boolean leavesState,
      boolean controls,
      @Nullable Literals literals) {
    this(
        kind,
        rows,
        veto,
        opaque,
        outside,
        name,
        value,
        parameters,
        several,
        leavesState,
        controls,
        literals,
        false);
  }

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
    /** {@code SET TRANSACTION}; with a value if it says whether it is read-only. */
    MODES,
    BEGIN,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    ROLLBACK_TO,
    EMPTY,
    /** {@code DISCARD ALL}: the session is as a new one. */
    DISCARD,
    /** What only a transaction block takes, and that can't be recorded. */
    IN_TRANSACTION,
    /** Anything else. */
    OTHER
  }

  static SqlVerdict of(Kind kind) {
    return new SqlVerdict(kind, 0, null, null, false, "", null, 0, false, false, false, null);
  }

  /** As the store says. */
  static SqlVerdict of(Reading reading) {
    SqlVerdict verdict =
        switch (reading.kind()) {
          case QUERY -> query(null);
          case INSERT -> write(Kind.INSERT, 1, null);
          case WRITE -> write(Kind.COUNTED, 0, null);
          case REFUSED -> other(String.valueOf(reading.why()));
        };
    return verdict.with(reading.parameters(), false, false, false);
  }

  /** Whether it begins, ends or marks transactions and nothing else, which all stores have. */
  boolean isOfPlatform() {
    boolean marks =
        switch (kind) {
          case BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, EMPTY -> true;
          default -> false;
        };
    return marks && !several && !controls && opaque == null;
  }

  static SqlVerdict query(@Nullable Literals literals) {
    return new SqlVerdict(
        Kind.PLAIN_QUERY, 0, null, null, false, "", null, 0, false, false, false, literals);
  }

  static SqlVerdict other(String veto) {
    return new SqlVerdict(Kind.OTHER, 0, veto, null, false, "", null, 0, false, false, false, null);
  }

  static SqlVerdict opaque(String why, boolean outside) {
    return new SqlVerdict(Kind.OTHER, 0, why, why, outside, "", null, 0, false, false, false, null);
  }

  /** One that can't be recorded, of this kind. */
  static SqlVerdict unrecorded(Kind kind, String why) {
    return new SqlVerdict(kind, 0, why, why, false, "", null, 0, false, false, false, null);
  }

  static SqlVerdict discard(String why) {
    return new SqlVerdict(Kind.DISCARD, 0, why, why, true, "", null, 0, false, false, false, null);
  }

  static SqlVerdict modes(@Nullable String readOnly) {
    String why = "SET TRANSACTION can't be recorded";
    return new SqlVerdict(
        Kind.MODES, 0, why, why, false, "", readOnly, 0, false, false, false, null);
  }

  static SqlVerdict named(Kind kind, String name, @Nullable String value) {
    return new SqlVerdict(kind, 0, null, null, false, name, value, 0, false, false, false, null);
  }

  static SqlVerdict write(Kind kind, int rows, @Nullable String veto) {
    return new SqlVerdict(kind, rows, veto, null, false, "", null, 0, false, false, false, null);
  }

  /** On a batch of texts: writes are writes together, with anything else they can't be recorded. */
  static SqlVerdict ofBatch(List<Write> writes) {
    if (writes.stream().allMatch(Write::isWrite)) {
      String veto =
          writes.stream()
              .map(write -> write.verdict().veto())
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
      boolean later =
          writes.stream().map(Write::verdict).allMatch(one -> one.veto() == null || one.later());
      return write(Kind.COUNTED, 0, veto).with(later && veto != null);
    }
    List<SqlVerdict> all = writes.stream().map(Write::verdict).toList();
    boolean ends =
        all.stream()
            .anyMatch(
                one ->
                    one.outside()
                        || switch (one.kind()) {
                          case COMMIT, ROLLBACK, IN_TRANSACTION -> true;
                          case SAVEPOINT, RELEASE, ROLLBACK_TO -> true;
                          default -> false;
                        });
    boolean leaves =
        all.stream()
            .anyMatch(
                one ->
                    one.leavesState()
                        || one.kind() == Kind.SETTING
                        || one.kind() == Kind.SET_CONFIG);
    boolean controls = ends || all.stream().anyMatch(SqlVerdict::beginsOrControls);
    return opaque("it is a batch of other texts than writes", ends)
        .with(0, false, leaves, controls);
  }

  private boolean beginsOrControls() {
    return kind == Kind.BEGIN || controls;
  }

  /** The same, when all that speaks against deferring it is that it would run later. */
  SqlVerdict with(boolean runsLater) {
    return new SqlVerdict(
        kind,
        rows,
        veto,
        opaque,
        outside,
        name,
        value,
        parameters,
        several,
        leavesState,
        controls,
        literals,
        runsLater);
  }

  /** The same with what is found by looking at all of the text. */
  SqlVerdict with(int parametersFound, boolean severalFound, boolean state, boolean control) {
    return new SqlVerdict(
        kind,
        rows,
        veto,
        opaque,
        outside,
        name,
        value,
        parametersFound,
        severalFound,
        state,
        control,
        literals,
        later);
  }
}
