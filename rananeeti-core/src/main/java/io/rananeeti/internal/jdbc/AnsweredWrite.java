package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Leasing;
import io.rananeeti.internal.Unit;
import io.rananeeti.internal.jdbc.InsertText.Returned;
import io.rananeeti.internal.jdbc.InsertText.Value;
import io.rananeeti.store.Answered;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Sequences.Column;
import io.rananeeti.store.Sequences.InsertTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A write that has answered rows to the application, generated keys for instance: what has to be
 * applied to a store that lacks it, so that it gives the same ones or is refused (R4).
 *
 * <p>What an insert of listed rows left to the store and was answered is written into it. Where
 * that may not be enough, because it is another kind of write, its table is not known, something
 * may change the row on its way or the store chose more than can be written, it has to answer the
 * same rows again. Used once.
 */
final class AnsweredWrite {

  private static final int MOST_PARAMETERS = 65_535;

  private final Leasing leasing;
  private final Map<String, String> naming;
  private final Operation operation;
  private final @Nullable InsertText insert;
  private final Answered answered;
  private final Map<String, Integer> places = new LinkedHashMap<>();

  /**
   * Of a write.
   *
   * @param naming the settings that decide what names mean
   * @param insert its parts; null if it is no insert of listed rows
   */
  AnsweredWrite(
      Leasing leasing,
      Map<String, String> naming,
      Operation operation,
      @Nullable InsertText insert,
      Answered answered) {
    this.leasing = leasing;
    this.naming = naming;
    this.operation = operation;
    this.insert = isOfListedRows(insert, operation, answered) ? insert : null;
    this.answered = answered;
  }

  private static boolean isOfListedRows(
      @Nullable InsertText insert, Operation operation, Answered answered) {
    return insert != null
        && answered.rows().size() == operation.rows().size() * insert.rows().size();
  }

  /** Records it in the transaction. */
  void record(Unit unit) {
    List<String> columns = insert == null ? null : columns(insert);
    if (insert == null || columns == null) {
      unit.recordAnswered(operation, compared(operation, operation.sql()));
      seeUnlisted(unit);
      return;
    }
    for (int i = 0; i < columns.size(); i++) {
      places.putIfAbsent(columns.get(i), i);
    }
    InsertTarget target = leasing.known(insert.table(), naming);
    unit.recordAnswered(operation, keyed(insert, target));
    places.keySet().forEach(column -> see(unit, insert, target, column));
  }

  /** Which column each of the answer is; null if that can't be said. */
  private @Nullable List<String> columns(InsertText text) {
    List<Returned> returning = text.returning();
    if (returning == null) {
      return answered.columns();
    }
    long stars = returning.stream().filter(each -> each.column().equals("*")).count();
    int width = answered.columns().size() - returning.size() + 1;
    if (stars > 1 || (stars == 0 && width != 1) || width < 1) {
      return null;
    }
    List<String> columns = new ArrayList<>();
    for (Returned each : returning) {
      if (each.column().equals("*")) {
        columns.addAll(answered.columns().subList(columns.size(), columns.size() + width));
      } else {
        columns.add(each.column());
      }
    }
    return columns;
  }

  private Operation keyed(InsertText text, @Nullable InsertTarget target) {
    List<KeyedInsert.Column> keys = new ArrayList<>();
    boolean whole = target != null && target.trouble() == null;
    for (String column : places.keySet()) {
      Column known = target == null ? null : column(target, column);
      boolean settable = target == null || (known != null && known.settable());
      whole &= settable && (isGiven(text, column) || isChosen(text, column));
      if (settable && isChosen(text, column) && !isNothing(column)) {
        boolean always = known == null || known.always();
        keys.add(new KeyedInsert.Column(column, values(column), always, true));
      }
    }
    if (!fits(text, keys.size())) {
      return compared(operation, operation.sql());
    }
    Operation keyed = keys.isEmpty() ? operation : KeyedInsert.of(operation, text, keys);
    if (whole) {
      return keys.isEmpty() ? keyed.withSql(text.silent(keyed.sql())) : keyed;
    }
    return keys.isEmpty() ? compared(keyed, keyed.sql()) : compared(keyed, returning(text, keyed));
  }

  private static @Nullable Column column(InsertTarget target, String name) {
    return target.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Whether each row gives it as a parameter or a literal. */
  private static boolean isGiven(InsertText text, String column) {
    int listed = text.columns().indexOf(column);
    return listed >= 0
        && text.rows().stream()
            .map(row -> row.values().get(listed))
            .noneMatch(value -> value.isDefault() || value.isComputed() || isMixed(value));
  }

  /** An expression with a parameter in it. */
  private static boolean isMixed(Value value) {
    return value.parameters() > 0 && !value.isParameter();
  }

  /** Whether some row leaves it to the store, and each that does so leaves room for a value. */
  private static boolean isChosen(InsertText text, String column) {
    int listed = text.columns().indexOf(column);
    if (listed < 0) {
      return true;
    }
    List<Value> values = text.rows().stream().map(row -> row.values().get(listed)).toList();
    return values.stream().noneMatch(AnsweredWrite::isMixed)
        && values.stream().anyMatch(value -> value.isDefault() || value.isComputed());
  }

  private boolean isNothing(String column) {
    return values(column).stream().allMatch(value -> value.value() == null);
  }

  private List<Parameter> values(String column) {
    int place = Objects.requireNonNull(places.get(column));
    return answered.rows().stream().map(row -> row.get(place)).toList();
  }

  private boolean fits(InsertText text, int keys) {
    int given = operation.rows().stream().mapToInt(List::size).max().orElse(0);
    return given + (long) keys * text.rows().size() <= MOST_PARAMETERS;
  }

  /** The text with the keys in it does not return what it did. */
  private String returning(InsertText text, Operation keyed) {
    return text.returning() == null
        ? keyed.sql()
        : keyed.sql() + " " + operation.sql().substring(text.end()).strip();
  }

  private Operation compared(Operation applied, String sql) {
    return applied.withSql(answering(sql, answered.columns())).answering(answered.rows());
  }

  /** With the columns that the driver has asked for on behalf of the application. */
  private static String answering(String sql, List<String> columns) {
    OuterText text = OuterText.of(sql);
    if (text.returns()) {
      return sql;
    }
    String start = sql.substring(0, text.end()) + "\nRETURNING ";
    boolean ambiguous = Set.copyOf(columns).size() < columns.size(); // Of a join, and all of it.
    if (ambiguous) {
      return start + "*";
    }
    return columns.stream().map(SqlScanner::quoted).collect(Collectors.joining(", ", start, ""));
  }

  /** What sequences the application knows values of now. */
  private void see(Unit unit, InsertText text, @Nullable InsertTarget target, String column) {
    int listed = text.columns().indexOf(column);
    List<Parameter> values = values(column);
    for (int i = 0; i < values.size(); i++) {
      Object value = values.get(i).value();
      Value written =
          listed < 0 ? null : text.rows().get(i % text.rows().size()).values().get(listed);
      String sequence = null;
      if (value instanceof Long) {
        sequence =
            written == null || written.isDefault()
                ? behind(text.table(), target, column)
                : called(written);
      }
      if (sequence != null) {
        saw(unit, sequence, (Long) Objects.requireNonNull(value));
      }
    }
  }

  private void saw(Unit unit, String sequence, long value) {
    unit.saw(sequence, value);
    leasing.saw(sequence, value);
  }

  private @Nullable String behind(String table, @Nullable InsertTarget target, String column) {
    if (target == null) {
      return leasing.seenName(table, column, naming);
    }
    Column known = column(target, column);
    return known == null ? null : known.sequence();
  }

  /** The sequence that an expression draws from. */
  private @Nullable String called(Value written) {
    if (!written.isComputed()) {
      return null;
    }
    String expression = operation.sql().substring(written.span().start(), written.span().end());
    NextvalQuery query = NextvalQuery.of("SELECT " + expression);
    String sequence = query == null ? null : query.items().get(0).sequence();
    return sequence == null ? null : leasing.seenName(sequence, naming);
  }

  /**
   * Of an insert of another kind: its columns that are not listed. Rows that were there before may
   * be among them, so the value that lies furthest from zero is taken.
   */
  void seeUnlisted(Unit unit) {
    OuterText text = OuterText.of(operation.sql());
    String table = text.table();
    if (table == null || text.columns().isEmpty()) {
      return;
    }
    InsertTarget target = leasing.known(table, naming);
    Set<String> left = new LinkedHashSet<>(answered.columns());
    left.removeAll(text.columns());
    for (String column : left) {
      String sequence = behind(table, target, column);
      Long furthest = furthest(answered.columns().indexOf(column));
      if (sequence != null && furthest != null) {
        saw(unit, sequence, furthest);
      }
    }
  }

  private @Nullable Long furthest(int place) {
    Long furthest = null;
    for (List<Parameter> row : answered.rows()) {
      if (row.get(place).value() instanceof Long value
          && (furthest == null || Math.abs(value) >= Math.abs(furthest))) {
        furthest = value;
      }
    }
    return furthest;
  }
}
