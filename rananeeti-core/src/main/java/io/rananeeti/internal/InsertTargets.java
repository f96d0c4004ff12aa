package io.rananeeti.internal;

import io.rananeeti.store.Sequences.Column;
import io.rananeeti.store.Sequences.InsertTarget;
import java.util.ArrayList;
import java.util.List;

/** What is known of a table as a line of text, for {@link Hints}. */
final class InsertTargets {

  private static final String FIELD = "\u001f";
  private static final String RECORD = "\u001e";

  private InsertTargets() {}

  static String written(InsertTarget target) {
    List<String> records = new ArrayList<>();
    records.add(target.trouble() == null ? "" : target.trouble());
    for (Column column : target.columns()) {
      records.add(
          String.join(
              FIELD,
              column.name(),
              column.type(),
              column.sequence() == null ? "" : column.sequence(),
              String.valueOf(column.always()),
              String.valueOf(column.settable())));
    }
    return String.join(RECORD, records);
  }

  /** What was written; nothing that a key could be promised of if that is damaged. */
  static InsertTarget read(String text) {
    String[] records = text.split(RECORD, -1);
    List<Column> columns = new ArrayList<>();
    for (int i = 1; i < records.length; i++) {
      String[] fields = records[i].split(FIELD, -1);
      if (fields.length != 4 && fields.length != 5) {
        return new InsertTarget(List.of(), "what was known of it beside the log is damaged");
      }
      String sequence = fields[2].isEmpty() ? null : fields[2];
      columns.add(
          new Column(
              fields[0],
              fields[1],
              sequence,
              Boolean.parseBoolean(fields[3]),
              fields.length == 4 ? sequence != null : Boolean.parseBoolean(fields[4])));
    }
    return new InsertTarget(columns, records[0].isEmpty() ? null : records[0]);
  }
}
