package io.rananeeti.internal.archive;

import io.rananeeti.TransactionId;
import io.rananeeti.internal.JsonLine;
import io.rananeeti.internal.codec.ArchiveCodec.Item;
import io.rananeeti.store.Context;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Refusal;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry as one line of JSON, with the names that the records have in Java; what is null is left
 * out. Parameters, and all that may hold a value of the application's, are shown only if that is
 * asked for: the text of a statement that is not prepared, the values of settings, an intent's key,
 * what a database said about a refusal.
 */
final class EntryJson {

  private static final String HIDDEN = "(hidden)";

  private final boolean values;
  private final StringBuilder out = new StringBuilder();

  private EntryJson(boolean values) {
    this.values = values;
  }

  /** The line, without its end. */
  static String of(Item item, boolean withValues) {
    EntryJson json = new EntryJson(withValues);
    json.out.append("{\"sequence\":").append(item.sequence()).append(",\"kind\":");
    JsonLine.quote(item.kind(), json.out);
    json.out.append(",\"record\":");
    json.value(item.record());
    return json.out.append('}').toString();
  }

  private void value(@Nullable Object value) {
    if (value == null || value instanceof Boolean || isNumber(value)) {
      out.append(value);
    } else if (value instanceof TransactionId || !isMadeOfOthers(value)) {
      JsonLine.quote(String.valueOf(value), out);
    } else if (value instanceof byte[] bytes) {
      JsonLine.quote(values ? HexFormat.of().formatHex(bytes) : HIDDEN, out);
    } else if (value instanceof Record record) {
      fields(record);
    } else if (value instanceof Map<?, ?> map) {
      map(map, true);
    } else {
      list(value);
    }
  }

  private static boolean isNumber(Object value) {
    return value instanceof Number number
        && !Double.isNaN(number.doubleValue())
        && !Double.isInfinite(number.doubleValue());
  }

  private static boolean isMadeOfOthers(Object value) {
    return value instanceof Record
        || value instanceof Map
        || value instanceof List
        || value.getClass().isArray();
  }

  private void fields(Record record) {
    out.append('{');
    boolean any = false;
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      if (value != null) {
        out.append(any ? "," : "");
        any = true;
        JsonLine.quote(component.getName(), out);
        out.append(':');
        field(record, component.getName(), value);
      }
    }
    out.append('}');
  }

  private void field(Record record, String name, Object value) {
    if (record instanceof Context && value instanceof Map<?, ?> settings) {
      map(settings, values);
    } else if (!values && hides(record, name)) {
      JsonLine.quote(HIDDEN, out);
    } else {
      value(value);
    }
  }

  private static boolean hides(Record record, String name) {
    if (record instanceof Operation operation) {
      return name.equals("sql") && !operation.prepared();
    }
    return (record instanceof Parameter && name.equals("value"))
        || (record instanceof Intent && name.equals("key"))
        || (record instanceof Refusal && name.equals("message"));
  }

  private static @Nullable Object value(Record record, RecordComponent component) {
    try {
      Object value = component.getAccessor().invoke(record);
      boolean isType = record instanceof Parameter && component.getType() == int.class;
      return isType && value.equals(Parameter.UNTYPED) ? null : value;
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("a record that can't be read: " + record.getClass(), e);
    }
  }

  private void map(Map<?, ?> map, boolean shown) {
    out.append('{');
    boolean any = false;
    for (Map.Entry<?, ?> each : map.entrySet()) {
      out.append(any ? "," : "");
      any = true;
      JsonLine.quote(String.valueOf(each.getKey()), out);
      out.append(':');
      value(shown ? each.getValue() : HIDDEN);
    }
    out.append('}');
  }

  private void list(Object value) {
    Object array = value instanceof List<?> list ? list.toArray() : value;
    out.append('[');
    for (int i = 0; i < Array.getLength(array); i++) {
      out.append(i == 0 ? "" : ",");
      value(Array.get(array, i));
    }
    out.append(']');
  }
}
