package io.rananeeti.internal.jdbc;

import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Copies of Java arrays: of objects, of one depth, with elements that the log keeps. */
final class ArrayCopy {

  private static final int DEEPEST = 6;

  private ArrayCopy() {}

  /**
   * A copy of the same type, but that primitive elements are boxed.
   *
   * @return null if the log can't keep it
   */
  static Object @Nullable [] sameType(Object array) {
    Class<?> element = elementType(array.getClass());
    return isKept(element) || element == Object.class
        ? copy(array, boxed(element), 1, value -> Parameters.isKept(value) ? value : null)
        : null;
  }

  /**
   * A copy whose elements may be of any type.
   *
   * @param form gives an element in a form that can be kept, null if there is none
   * @return null if the log can't keep it
   */
  static Object @Nullable [] anyType(Object array, Function<Object, @Nullable Object> form) {
    Class<?> element = elementType(array.getClass());
    return copy(array, isKept(element) ? boxed(element) : Object.class, 1, form);
  }

  private static boolean isKept(Class<?> element) {
    return element != char.class && Parameters.isKept(boxed(element));
  }

  private static Class<?> boxed(Class<?> element) {
    return MethodType.methodType(element).wrap().returnType();
  }

  /** Bytes are one value. */
  private static Class<?> elementType(Class<?> array) {
    Class<?> element = array;
    while (element.isArray() && element != byte[].class) {
      element = element.getComponentType();
    }
    return element;
  }

  private static Object @Nullable [] copy(
      @Nullable Object array,
      Class<?> element,
      int depth,
      Function<Object, @Nullable Object> form) {
    if (array == null || depth > DEEPEST) {
      return null;
    }
    Class<?> component = array.getClass().getComponentType();
    boolean last = elementType(component) == component;
    Object[] copy = (Object[]) Array.newInstance(type(component, element), Array.getLength(array));
    for (int i = 0; i < copy.length; i++) {
      Object value = Array.get(array, i);
      if (!last) {
        copy[i] = copy(value, element, depth + 1, form);
      } else if (value != null) {
        copy[i] = form.apply(value instanceof byte[] bytes ? bytes.clone() : value);
      }
      if (copy[i] == null && (value != null || !last)) {
        return null;
      }
    }
    return copy;
  }

  /** This type, with other elements at its end. */
  private static Class<?> type(Class<?> component, Class<?> element) {
    return elementType(component) == component
        ? element
        : type(component.getComponentType(), element).arrayType();
  }
}
