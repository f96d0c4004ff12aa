package io.rananeeti.internal.codec;

import static io.rananeeti.internal.codec.TransactionCodec.require;

import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The part of the format that holds a parameter; drawn in {@link EntryDescriptor}.
 *
 * <p>{@code OBJECT} and {@code DRIVER} keep the Java type of their value with it, and so do arrays;
 * the other kinds have one type each.
 */
final class ParameterFormat {

  private static final Kind[] KINDS = Kind.values();

  private ParameterFormat() {}

  static void write(CborWriter out, Parameter parameter) {
    Object value = parameter.value();
    String typeName = parameter.typeName();
    boolean typed = parameter.sqlType() != Parameter.UNTYPED;
    boolean scaled = parameter.scale() != Parameter.UNTYPED;
    out.map(
        1
            + (value == null ? 0 : 1)
            + (typed ? 1 : 0)
            + (scaled ? 1 : 0)
            + (typeName == null ? 0 : 1));
    out.integer(0).integer(code(parameter.kind()));
    if (value instanceof Content content) {
      writeContent(out, parameter, content);
    } else if (value != null) {
      writeValue(out.integer(1), parameter.kind(), value);
    }
    if (typed) {
      out.integer(2).integer(parameter.sqlType());
    }
    if (scaled) {
      out.integer(3).integer(parameter.scale());
    }
    if (typeName != null) {
      out.integer(4).text(typeName);
    }
  }

  static Parameter read(CborReader in) {
    Kind kind = null;
    Object value = null;
    int sqlType = Parameter.UNTYPED;
    int scale = Parameter.UNTYPED;
    String typeName = null;
    for (int left = in.map(); left > 0; left--) {
      switch (in.int32()) {
        case 0 -> kind = kind(in);
        case 1 -> value = readValue(in, require(kind, "kind before its value"));
        case 2 -> sqlType = in.int32();
        case 3 -> scale = in.int32();
        case 4 -> typeName = in.text();
        case 5 -> value = readContent(in);
        default -> in.skip();
      }
    }
    return checked(in, new Parameter(require(kind, "kind"), value, sqlType, scale, typeName));
  }

  private static Parameter checked(CborReader in, Parameter parameter) {
    boolean fits =
        parameter.value() instanceof Content
            ? takesContent(parameter.kind())
            : fits(parameter.kind(), parameter.value());
    if (!fits) {
      throw in.malformed("a value where none belongs, or none where one does");
    }
    return parameter;
  }

  private static boolean takesContent(Kind kind) {
    return switch (kind) {
      case STRING, NSTRING, CLOB, BYTES, BLOB, DRIVER, OBJECT -> true;
      default -> false;
    };
  }

  /** Its name in the place of the value; in full it is the value, as if it had been in memory. */
  private static void writeContent(CborWriter out, Parameter parameter, Content content) {
    if (!takesContent(parameter.kind())) {
      throw new IllegalArgumentException(
          "a parameter of kind %s can't hold content".formatted(parameter.kind()));
    }
    boolean text = parameter.isOfText();
    ContentSplice splice = out.splice();
    if (splice == null) {
      out.integer(5)
          .array(2)
          .bytes(HexFormat.of().parseHex(content.sha256()))
          .integer(content.length());
      return;
    }
    out.integer(1);
    if (parameter.kind() == Kind.OBJECT || parameter.kind() == Kind.DRIVER) {
      out.array(2).integer(text ? ValueType.STRING.code() : ValueType.BYTES.code());
    }
    splice.write(out.begin(text, content.length()), content);
  }

  private static Content readContent(CborReader in) {
    in.array(2);
    String sha256 = HexFormat.of().formatHex(in.bytes());
    long length = in.integer();
    try {
      return new Content(sha256, length);
    } catch (IllegalArgumentException e) {
      throw in.malformed(String.valueOf(e.getMessage()));
    }
  }

  private static boolean fits(Kind kind, @Nullable Object value) {
    if (value == null || kind == Kind.NULL) {
      return value == null && kind == Kind.NULL;
    }
    return switch (kind) {
      case ARRAY -> value instanceof Object[];
      case DRIVER -> value instanceof String || value instanceof byte[];
      case OBJECT -> ValueType.ofClass(value.getClass()) != null;
      default -> require(typeOf(kind), "type").holds(value);
    };
  }

  private static Kind kind(CborReader in) {
    int code = in.int32();
    for (Kind kind : KINDS) {
      if (code(kind) == code) {
        return kind;
      }
    }
    throw in.malformed("an unknown kind of parameter, kind=" + code);
  }

  private static int code(Kind kind) {
    return switch (kind) {
      case NULL -> 0;
      case BOOLEAN -> 1;
      case INT8 -> 2;
      case INT16 -> 3;
      case INT32 -> 4;
      case INT64 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case DECIMAL -> 8;
      case STRING -> 9;
      case NSTRING -> 10;
      case BYTES -> 11;
      case DATE -> 12;
      case TIME -> 13;
      case TIMESTAMP -> 14;
      case OBJECT -> 15;
      case DATE_WITH_OFFSET -> 16;
      case TIME_WITH_OFFSET -> 17;
      case BLOB -> 18;
      case CLOB -> 19;
      case ARRAY -> 20;
      case DRIVER -> 21;
    };
  }

  private static void writeValue(CborWriter out, Kind kind, Object value) {
    if (!fits(kind, value)) {
      throw new IllegalArgumentException(
          "a parameter of kind %s can't hold a %s".formatted(kind, value.getClass().getName()));
    }
    switch (kind) {
      case ARRAY -> ArrayFormat.write(out, value);
      case OBJECT, DRIVER -> writeTyped(out, value);
      default -> ValueCodec.write(out, require(typeOf(kind), "type"), value);
    }
  }

  private static Object readValue(CborReader in, Kind kind) {
    return switch (kind) {
      case NULL -> throw in.malformed("a null with a value");
      case ARRAY -> ArrayFormat.read(in);
      case OBJECT, DRIVER -> readTyped(in);
      default -> ValueCodec.read(in, require(typeOf(kind), "type"));
    };
  }

  static void writeTyped(CborWriter out, Object value) {
    ValueType type = ValueType.of(value);
    out.array(2).integer(type.code());
    ValueCodec.write(out, type, value);
  }

  static Object readTyped(CborReader in) {
    in.array(2);
    return ValueCodec.read(in, valueType(in, in.int32()));
  }

  static ValueType valueType(CborReader in, int code) {
    ValueType type = ValueType.withCode(code);
    if (type == null) {
      throw in.malformed("an unknown type of value, type=" + code);
    }
    return type;
  }

  private static @Nullable ValueType typeOf(Kind kind) {
    return switch (kind) {
      case NULL, OBJECT, ARRAY, DRIVER -> null;
      case BOOLEAN -> ValueType.BOOLEAN;
      case INT8, INT16, INT32, INT64 -> ValueType.LONG;
      case FLOAT32 -> ValueType.FLOAT;
      case FLOAT64 -> ValueType.DOUBLE;
      case DECIMAL -> ValueType.BIG_DECIMAL;
      case STRING, NSTRING, CLOB -> ValueType.STRING;
      case BYTES, BLOB -> ValueType.BYTES;
      case DATE -> ValueType.LOCAL_DATE;
      case TIME -> ValueType.LOCAL_TIME;
      case TIME_WITH_OFFSET -> ValueType.OFFSET_TIME;
      case TIMESTAMP, DATE_WITH_OFFSET -> ValueType.OFFSET_DATE_TIME;
    };
  }
}
