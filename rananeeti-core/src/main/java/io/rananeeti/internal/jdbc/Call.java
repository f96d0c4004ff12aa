package io.rananeeti.internal.jdbc;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A setter call of the application, to be made on one driver's statement after the other.
 *
 * @param args its arguments, as they were when it was made
 */
record Call(Method method, List<@Nullable Object> args) {

  /** What the application may change after the call is copied. */
  static Call of(Method method, @Nullable Object[] args) {
    @Nullable Object[] copy = args.clone();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = copyOf(copy[i]);
    }
    return new Call(method, Collections.unmodifiableList(Arrays.asList(copy)));
  }

  void on(Object target) throws Throwable {
    ConnectionHandler.call(target, method, args.toArray());
  }

  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  private static @Nullable Object copyOf(@Nullable Object value) {
    if (value instanceof Date date) {
      return date.clone();
    }
    if (value instanceof Calendar calendar) {
      return calendar.clone();
    }
    return value instanceof byte[] bytes ? bytes.clone() : value;
  }
}
