package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.Leasing;
import io.rananeeti.internal.jdbc.InsertText.Returned;
import io.rananeeti.internal.jdbc.InsertText.Value;
import io.rananeeti.internal.jdbc.SqlLexer.Token;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Sequences.Column;
import io.rananeeti.store.Sequences.InsertTarget;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an insert asks for, by {@code RETURNING} or as generated keys, promised out of what
 * is leased: drawn when the insert is recorded, and written into it.
 *
 * <p>A key can be promised where the column's value comes from a sequence and nothing changes the
 * row on its way into the table. What the insert itself gives can be told, too, where the column
 * takes it as it is. Used by one thread.
 */
final class PromisedKeys {

  /** Of these a value is told as it was given; others a column may round, pad or convert. */
  private static final Map<String, Class<?>> AS_GIVEN =
      Map.of(
          "int2", Number.class,
          "int4", Number.class,
          "int8", Number.class,
          "text", String.class,
          "varchar", String.class,
          "bool", Boolean.class,
          "uuid", UUID.class);

  private static final int MOST_PARAMETERS = 65_535;

  private final String store;
  private final Leasing leasing;
  private final Map<String, String> settings;
  private final Write write;
  private final InsertText insert;
  private final @Nullable List<String> names;

  /**
   * Of an insert.
   *
   * @param settings of the session and the transaction
   * @param names of the columns that are asked for beside the text; null for those that the text
   *     returns, or else all
   */
  PromisedKeys(
      String store,
      Leasing leasing,
      Map<String, String> settings,
      Write write,
      InsertText insert,
      @Nullable List<String> names) {
    this.store = store;
    this.leasing = leasing;
    this.settings = settings;
    this.write = write;
    this.insert = insert;
    this.names = names;
  }

  /** The store has answered it: keys of the same table are wanted in an outage, too. */
  void answered() {
    leasing.inserted(insert.table(), settings, rows());
  }

  /** The insert without what it returns. */
  String silentText() {
    return insert.silent(write.sql());
  }

  private int rows() {
    return write.rows().size() * insert.rows().size();
  }

  /** Whether nobody has had the time to look at the table. */
  boolean isUnknownYet() {
    return leasing.isUnknownYet(insert.table(), settings);
  }

  /** Why they can't be promised; null if they can, as long as there are values left. */
  @Nullable String refusal() {
    InsertTarget target = leasing.known(insert.table(), settings);
    if (target == null) {
      return leasing.whyUnknown(insert.table(), settings);
    }
    if (target.trouble() != null) {
      return "keys of table %s can't be promised: %s".formatted(insert.table(), target.trouble());
    }
    Set<String> drawn = new HashSet<>();
    for (Returned each : wanted(target)) {
      Column column = column(target, each.column());
      if (column != null && isDrawn(column)) {
        drawn.add(column.name());
      }
      if (column == null) {
        return "table %s has no column %s".formatted(insert.table(), each.column());
      }
      if (isExact() && isUnknown(column)) {
        return "the value of column %s is the store's to give".formatted(each.column());
      }
    }
    return fits(drawn.size()) ? null : "with its keys it has too many parameters";
  }

  /** Whether so many keys of each row can be parameters of it, too. */
  private boolean fits(int keys) {
    int given = write.rows().stream().mapToInt(List::size).max().orElse(0);
    return given + (long) keys * insert.rows().size() <= MOST_PARAMETERS;
  }

  /** Whether each column was asked for by its name. */
  private boolean isExact() {
    return names != null || insert.returning() != null;
  }

  private List<Returned> wanted(InsertTarget target) {
    List<Returned> wanted = new ArrayList<>();
    List<Returned> returning = insert.returning();
    if (returning == null && names != null) {
      names.forEach(name -> wanted.add(new Returned(name, name)));
      return wanted;
    }
    for (Returned each : returning == null ? List.of(new Returned("*", "*")) : returning) {
      if (each.column().equals("*")) {
        target.columns().forEach(all -> wanted.add(new Returned(all.name(), all.name())));
      } else {
        wanted.add(each);
      }
    }
    return wanted;
  }

  private static @Nullable Column column(InsertTarget target, String name) {
    return target.columns().stream()
        .filter(column -> column.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Whether it is a key that is drawn. */
  private boolean isDrawn(Column column) {
    int listed = insert.columns().indexOf(column.name());
    boolean left =
        listed < 0 || insert.rows().stream().allMatch(row -> row.values().get(listed).isDefault());
    return left && column.sequence() != null;
  }

  private boolean isUnknown(Column column) {
    if (isDrawn(column)) {
      return false;
    }
    for (int row = 0; row < rows(); row++) {
      if (given(column, row) instanceof LocalRows.Unknown) {
        return true;
      }
    }
    return false;
  }

  /**
   * Draws the keys and writes them into the operation.
   *
   * @param operation as it was recorded without them
   * @throws SQLException 55R01 if too few are left; what was drawn meanwhile is a gap
   */
  Promise promise(Operation operation) throws SQLException {
    InsertTarget target = leasing.target(insert.table(), settings);
    Map<String, KeyedInsert.Column> keys = new LinkedHashMap<>();
    List<Returned> wanted = wanted(target);
    for (Returned each : wanted) {
      Column column = column(target, each.column());
      String sequence = column == null ? null : column.sequence();
      if (column != null
          && sequence != null
          && isDrawn(column)
          && !keys.containsKey(each.column())) {
        List<Long> drawn = LongStream.of(leasing.draw(sequence, Map.of(), rows())).boxed().toList();
        keys.put(each.column(), KeyedInsert.Column.drawn(column.name(), drawn, column.always()));
      }
    }
    List<Literals> told = new ArrayList<>();
    for (int row = 0; row < rows(); row++) {
      told.add(told(target, wanted, keys, row));
    }
    return new Promise(KeyedInsert.of(operation, insert, List.copyOf(keys.values())), told);
  }

  /**
   * What was promised.
   *
   * @param operation to be recorded
   * @param rows what the application is told
   */
  record Promise(Operation operation, List<Literals> rows) {}

  private Literals told(
      InsertTarget target, List<Returned> wanted, Map<String, KeyedInsert.Column> keys, int row)
      throws SQLException {
    List<Literals.Column> columns = new ArrayList<>();
    for (Returned each : wanted) {
      KeyedInsert.Column key = keys.get(each.column());
      Column column = column(target, each.column());
      Object value =
          key != null && column != null
              ? number(column, (Long) Objects.requireNonNull(key.keys().get(row).value()))
              : column == null ? unknown(each.column()) : given(column, row);
      columns.add(new Literals.Column(each.label(), value));
    }
    return new Literals(List.copyOf(columns));
  }

  private static Object number(Column column, long value) throws SQLException {
    if (column.type().equals("int8")) {
      return value;
    }
    if (value != (int) value) {
      throw new SQLException(
          "the next key of column %s is out of range".formatted(column.name()), "22003");
    }
    return (int) value;
  }

  private LocalRows.Unknown unknown(String column) {
    return new LocalRows.Unknown(store, column);
  }

  /** What the insert itself gives, where the column takes it as it is. */
  private @Nullable Object given(Column column, int row) {
    int listed = insert.columns().indexOf(column.name());
    if (listed < 0) {
      return unknown(column.name());
    }
    Value value = insert.rows().get(row % insert.rows().size()).values().get(listed);
    Token only = value.only();
    if (only == null) {
      return unknown(column.name());
    }
    if (value.isParameter()) {
      List<Given> parameters = write.rows().get(row / insert.rows().size());
      return asTaken(column, parameter(parameters, value.parametersBefore()));
    }
    return literal(column, only, write.sql().substring(only.start(), only.end()));
  }

  private @Nullable Object parameter(List<Given> parameters, int index) {
    Parameter kept = index < parameters.size() ? parameters.get(index).kept() : null;
    if (kept == null) {
      return unknown("?");
    }
    return kept.kind() == Parameter.Kind.DRIVER ? unknown("?") : kept.value();
  }

  private @Nullable Object literal(Column column, Token only, String raw) {
    if (only.is("NULL")) {
      return null;
    } else if (only.type() == SqlLexer.Type.STRING && raw.charAt(0) == '\'') {
      return asTaken(column, only.text());
    }
    boolean whole = only.type() == SqlLexer.Type.NUMBER && raw.matches("\\d{1,18}");
    return whole ? asTaken(column, Long.valueOf(raw)) : unknown(column.name());
  }

  private @Nullable Object asTaken(Column column, @Nullable Object value) {
    Class<?> type = AS_GIVEN.get(column.type());
    if (value == null) {
      return null;
    }
    boolean whole = value instanceof Long || value instanceof Integer || value instanceof Short;
    if (type == null || !type.isInstance(value) || (type == Number.class && !whole)) {
      return unknown(column.name());
    }
    if (type != Number.class) {
      return value;
    }
    long number = ((Number) value).longValue();
    return column.type().equals("int8")
        ? (Object) number
        : number == (int) number ? (Object) (int) number : unknown(column.name());
  }

  /** Columns that were asked for by name beside the text; null if none were named. */
  static @Nullable List<String> names(@Nullable Object wanted) {
    if (!(wanted instanceof String[] named)) {
      return null;
    }
    return List.of(named);
  }

  /** All settings together that decide what names mean. */
  static Map<String, String> settings(Map<String, String> session, Map<String, String> local) {
    if (local.isEmpty()) {
      return session;
    }
    Map<String, String> all = new HashMap<>(session);
    all.putAll(local);
    return all;
  }
}
