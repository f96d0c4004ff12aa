package io.rananeeti.internal;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.Sequences.Column;
import io.rananeeti.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the log for a sequence whose name in full was not known yet when the application
 * saw a value of it: the name that the application used, and what decides what that means. It can
 * be asked what it is when the name is needed, which is not before a recovery. Names in full stand
 * there as they are.
 *
 * @param text of the sequence, or of the table that an insert went into
 * @param column of the table; null if the text names a sequence
 * @param settings that decide what the text means
 */
record SeenName(String text, @Nullable String column, Map<String, String> settings) {

  /** No name in full begins with it. */
  private static final String UNKNOWN = "\u001e";

  private static final String FIELD = "\u001f";

  /** As it stands in the log. */
  String written() {
    List<String> fields = new ArrayList<>(List.of(text, column == null ? "" : column));
    settings.forEach((name, value) -> fields.addAll(List.of(name, value)));
    return UNKNOWN + String.join(FIELD, fields);
  }

  /** Another text that stands for the same sequence. */
  static String again(String written) {
    return read(written) == null
        ? new SeenName(written, null, Map.of()).written()
        : written + FIELD;
  }

  /** What was written; null if that is a name in full. */
  static @Nullable SeenName read(String written) {
    if (!written.startsWith(UNKNOWN)) {
      return null;
    }
    String[] fields = written.substring(UNKNOWN.length()).split(FIELD, -1);
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 2; i + 1 < fields.length; i += 2) {
      settings.put(fields[i], fields[i + 1]);
    }
    String column = fields.length > 1 && !fields[1].isEmpty() ? fields[1] : null;
    return new SeenName(fields[0], column, settings);
  }

  /**
   * The sequence's name in full.
   *
   * @return null if the column's values come from no sequence
   * @throws StoreException {@link Failure#REFUSED} if there is nothing of that name
   */
  @Nullable String inFull(Sequences sequences) throws StoreException {
    if (column == null) {
      return sequences.inFull(text, settings);
    }
    return sequences.describe(text, settings).columns().stream()
        .filter(each -> each.name().equals(column))
        .map(Column::sequence)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** For people. */
  String said() {
    String what = column == null ? "sequence " + text : "column %s of %s".formatted(column, text);
    return settings.isEmpty()
        ? what
        : what + " with " + Arrays.toString(settings.entrySet().toArray());
  }
}
