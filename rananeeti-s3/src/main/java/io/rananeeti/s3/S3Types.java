package io.rananeeti.s3;

import io.rananeeti.store.Content;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.ParameterCodec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Text, bytes and the names of spooled content; there are no other values. */
final class S3Types implements ParameterCodec {

  static final S3Types INSTANCE = new S3Types();

  private S3Types() {}

  @Override
  public @Nullable Parameter encode(Object value, int sqlType) {
    return value instanceof Content ? Parameter.of(Kind.BYTES, value) : null;
  }

  @Override
  public Object decode(Parameter parameter) {
    return Objects.requireNonNull(parameter.value(), "S3 has no null");
  }
}
