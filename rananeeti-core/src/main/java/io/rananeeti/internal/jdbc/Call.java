package io.rananeeti.internal.jdbc;

import java.lang.reflect.Array;
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
  static Call of(Method method, @Nullable Object... args) {
    @Nullable Object[] copy = args.clone();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = copyOf(copy[i]);
    }
    return new Call(method, Collections.unmodifiableList(Arrays.asList(copy)));
  }

  /** The same call with another value, the second argument. */
  Call with(Object value) {
    @Nullable Object[] other = args.toArray();
    other[1] = value;
    return new Call(method, Collections.unmodifiableList(Arrays.asList(other)));
  }

  void on(Object target) throws Throwable {
    @Nullable Object[] values = args.toArray();
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Remade remade) {
        if (remade.isSetOn(target)) {
          return;
        }
        values[i] = remade.forStatement(target);
      }
    }
    ConnectionHandler.call(target, method, values);
  }

  /** Shows no argument: parameters never reach logs and messages. */
  @Override
  public String toString() {
    return method.getName() + "(?)";
  }

  @SuppressWarnings("JavaUtilDate") // JDBC passes its subclasses
  static @Nullable Object copyOf(@Nullable Object value) {
    if (value instanceof Date date) {
      return date.clone();
    }
    if (value instanceof Calendar calendar) {
      return calendar.clone();
    }
    return value != null && value.getClass().isArray() ? copyOfArray(value) : value;
  }

  /** A copy of all dimensions. */
  static Object copyOfArray(Object array) {
    int length = Array.getLength(array);
    Object copy = Array.newInstance(array.getClass().getComponentType(), length);
    if (array instanceof Object[] elements) {
      for (int i = 0; i < length; i++) {
        Array.set(copy, i, copyOf(elements[i]));
      }
    } else {
      System.arraycopy(array, 0, copy, 0, length);
    }
    return copy;
  }
}
