package io.rananeeti.internal.codec;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of the format that holds a Java array of objects, of as many dimensions as a database
 * takes; drawn in {@link EntryDescriptor}.
 *
 * <p>What is read is allocated as it comes, never by a length that an entry claims.
 */
final class ArrayFormat {

  private static final int DEEPEST = 6;
  private static final int ANY_TYPE = -1;

  private ArrayFormat() {}

  static void write(CborWriter out, Object array) {
    Class<?> component = array.getClass().getComponentType();
    int depth = 1;
    while (component != null && isDimension(component)) {
      component = component.getComponentType();
      depth++;
    }
    ValueType type = component == null ? null : ValueType.ofClass(component);
    if (depth > DEEPEST || (type == null && component != Object.class)) {
      throw new IllegalArgumentException(
          "a parameter of type %s can't be logged".formatted(array.getClass().getName()));
    }
    out.array(3).integer(type == null ? ANY_TYPE : type.code()).integer(depth);
    writeElements(out, (@Nullable Object[]) array, type, depth);
  }

  static Object read(CborReader in) {
    in.array(3);
    int code = in.int32();
    ValueType type = code == ANY_TYPE ? null : ParameterFormat.valueType(in, code);
    int depth = in.int32();
    if (depth < 1 || depth > DEEPEST) {
      throw in.malformed("an array of %d dimensions".formatted(depth));
    }
    return readElements(in, type, depth);
  }

  private static boolean isDimension(Class<?> component) {
    return component.isArray() && ValueType.ofClass(component) == null;
  }

  private static void writeElements(
      CborWriter out, @Nullable Object[] elements, @Nullable ValueType type, int depth) {
    out.array(elements.length);
    for (Object element : elements) {
      if (depth > 1) {
        if (element == null) {
          throw new IllegalArgumentException("an array without its elements can't be logged");
        }
        writeElements(out, (@Nullable Object[]) element, type, depth - 1);
      } else if (element == null) {
        out.nothing();
      } else if (type == null) {
        ParameterFormat.writeTyped(out, element);
      } else {
        ValueCodec.write(out, type, element);
      }
    }
  }

  private static Object[] readElements(CborReader in, @Nullable ValueType type, int depth) {
    List<@Nullable Object> elements = new ArrayList<>();
    for (int left = in.array(); left > 0; left--) {
      if (depth > 1) {
        elements.add(readElements(in, type, depth - 1));
      } else if (in.nothing()) {
        elements.add(null);
      } else {
        elements.add(type == null ? ParameterFormat.readTyped(in) : ValueCodec.read(in, type));
      }
    }
    return elements.toArray(empty(type, depth));
  }

  private static Object[] empty(@Nullable ValueType type, int depth) {
    Class<?> component = type == null ? Object.class : type.javaType();
    for (int i = 1; i < depth; i++) {
      component = component.arrayType();
    }
    return (Object[]) Array.newInstance(component, 0);
  }
}
