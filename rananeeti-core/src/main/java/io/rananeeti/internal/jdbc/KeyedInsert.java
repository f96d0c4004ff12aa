package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.jdbc.InsertText.Row;
import io.rananeeti.internal.jdbc.InsertText.Value;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes promised keys into a recorded insert: as parameters where it is prepared, as literals
 * where it is not. What it returned to the application is left out. The application's own text
 * stays as it is everywhere else.
 */
final class KeyedInsert {

  /** In the order of the text, what is put in before what is replaced. */
  private static final Comparator<Edit> ORDER =
      Comparator.comparingInt(Edit::start).thenComparingInt(Edit::end);

  /** As drivers have infinity. */
  private static final Map<Object, String> ENDLESS =
      Map.of(
          LocalDate.MAX, "infinity",
          LocalDate.MIN, "-infinity",
          LocalDateTime.MAX, "infinity",
          LocalDateTime.MIN, "-infinity",
          OffsetDateTime.MAX, "infinity",
          OffsetDateTime.MIN, "-infinity");

  /** In the place of something, this text. */
  private record Edit(int start, int end, String text) {}

  /** A parameter that an edit adds before the one with this index, of the row with this index. */
  private record Added(Edit edit, int before, int column, int row) {}

  /**
   * A column and its keys.
   *
   * @param keys one for each row: of the first execution, in the order listed, then of the next
   * @param always whether the text has to say that they override the sequence
   * @param computed whether they take the place of expressions without parameters, too
   */
  record Column(String name, List<Parameter> keys, boolean always, boolean computed) {

    /** Values of a sequence. */
    static Column drawn(String name, List<Long> keys, boolean always) {
      List<Parameter> all =
          keys.stream().map(key -> Parameter.of(Parameter.Kind.INT64, key)).toList();
      return new Column(name, all, always, false);
    }
  }

  private final String sql;
  private final InsertText insert;
  private final List<Column> columns;
  private final boolean prepared;
  private final List<Edit> edits = new ArrayList<>();
  private final List<Added> added = new ArrayList<>();

  private KeyedInsert(String sql, InsertText insert, List<Column> columns, boolean prepared) {
    this.sql = sql;
    this.insert = insert;
    this.columns = columns;
    this.prepared = prepared;
  }

  /** The operation with these keys in it. */
  static Operation of(Operation operation, InsertText insert, List<Column> columns) {
    KeyedInsert keyed = new KeyedInsert(operation.sql(), insert, columns, operation.prepared());
    keyed.edit();
    List<List<Parameter>> rows = new ArrayList<>();
    for (int i = 0; i < operation.rows().size(); i++) {
      rows.add(keyed.parameters(operation.rows().get(i), i));
    }
    return new Operation(keyed.text(), operation.prepared(), rows, operation.promised());
  }

  private void edit() {
    List<String> absent = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      int listed = insert.columns().indexOf(columns.get(i).name());
      if (listed < 0) {
        absent.add(SqlScanner.quoted(columns.get(i).name()));
      }
      for (int row = 0; row < insert.rows().size(); row++) {
        place(i, listed, row);
      }
    }
    boolean overrides = !insert.overrides() && columns.stream().anyMatch(Column::always);
    String overriding = overrides ? "OVERRIDING SYSTEM VALUE " : "";
    if (insert.isOfDefaults()) {
      ofDefaults(absent, overriding);
      return;
    }
    if (!absent.isEmpty()) {
      edits.add(insertion(insert.columnsAt(), String.join(", ", absent) + ", "));
    }
    edits.add(insertion(insert.values().end(), overriding));
    added.sort(Comparator.comparing(Added::edit, ORDER));
  }

  private void ofDefaults(List<String> absent, String overriding) {
    if (!absent.isEmpty()) {
      StringBuilder values = new StringBuilder();
      edits.forEach(each -> values.append(each.text()));
      edits.clear();
      values.setLength(values.length() - 2);
      edits.add(
          new Edit(
              insert.values().start(),
              insert.values().end(),
              "(%s) %sVALUES (%s)".formatted(String.join(", ", absent), overriding, values)));
    }
  }

  private void place(int column, int listed, int row) {
    Row of = insert.rows().get(row);
    String text = prepared ? "?" : literal(columns.get(column).keys().get(row));
    if (listed < 0) {
      put(insertion(of.at(), text + ", "), of.parametersBefore(), column, row);
      return;
    }
    Value value = of.values().get(listed);
    if (value.isDefault() || (columns.get(column).computed() && value.isComputed())) {
      Edit edit = new Edit(value.span().start(), value.span().end(), text);
      put(edit, value.parametersBefore(), column, row);
    }
  }

  private void put(Edit edit, int before, int column, int row) {
    edits.add(edit);
    added.add(new Added(edit, before, column, row));
  }

  private static String literal(Parameter key) {
    Object value = key.value();
    if (value instanceof Long number) {
      return number < 0 ? "(" + number + ")" : String.valueOf(number);
    }
    return value == null ? "NULL" : quoted(text(value));
  }

  /** Of no type, so that the store reads it as the column's. */
  private static String quoted(String text) {
    String doubled = text.replace("'", "''");
    return text.indexOf('\\') < 0
        ? "'" + doubled + "'"
        : "E'" + doubled.replace("\\", "\\\\") + "'";
  }

  private static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof BigDecimal number) {
      return number.toPlainString();
    }
    return ENDLESS.getOrDefault(value, value.toString());
  }

  private static Edit insertion(int at, String text) {
    return new Edit(at, at, text);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int from = 0;
    edits.sort(ORDER);
    for (Edit edit : edits) {
      text.append(sql, from, edit.start()).append(edit.text());
      from = edit.end();
    }
    return text.append(sql, from, insert.end()).toString();
  }

  private List<Parameter> parameters(List<Parameter> given, int execution) {
    if (!prepared) {
      return given;
    }
    List<Parameter> all = new ArrayList<>();
    int first = execution * insert.rows().size();
    for (int before = 0; before <= given.size(); before++) {
      for (Added each : added) {
        if (each.before() == before) {
          all.add(columns.get(each.column()).keys().get(first + each.row()));
        }
      }
      if (before < given.size()) {
        all.add(given.get(before));
      }
    }
    return all;
  }
}
