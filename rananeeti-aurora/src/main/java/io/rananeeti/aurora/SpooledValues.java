package io.rananeeti.aurora;

import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Content of parameters while a driver reads it: knows afterwards whether it could be read, since
 * what a driver says of that is that a value could not be bound. Used by one thread.
 */
final class SpooledValues implements AutoCloseable {

  /** SQLSTATE: content is not in the spool as it was taken. */
  static final String LOST = "55R17";

  private final Supplier<Spool> spool;
  private final List<InputStream> streams = new ArrayList<>();
  private @Nullable IOException failure;

  SpooledValues(Supplier<Spool> spool) {
    this.spool = spool;
  }

  /** The bytes of content, to be read once; closed with this. */
  InputStream stream(Content content) throws IOException {
    try {
      InputStream stream = new Watched(spool.get().read(content));
      streams.add(stream);
      return stream;
    } catch (IOException e) {
      throw noted(e);
    }
  }

  /** The parameter with its content in memory. */
  Parameter whole(Parameter parameter) throws IOException {
    if (!(parameter.value() instanceof Content)) {
      return parameter;
    }
    try {
      return spool.get().whole(parameter);
    } catch (IOException e) {
      throw noted(e);
    }
  }

  /** Refuses the statement if it failed because content could not be read. */
  void refuseIfLost(int index) throws StoreException {
    IOException lost = failure;
    if (lost != null) {
      throw new StoreException(
          Failure.REFUSED, LOST, "statement %d: %s".formatted(index + 1, lost.getMessage()), null);
    }
  }

  @Override
  public void close() {
    for (InputStream stream : streams) {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private IOException noted(IOException lost) {
    failure = failure == null ? lost : failure;
    return lost;
  }

  private final class Watched extends FilterInputStream {

    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        throw noted(e);
      }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return in.read(into, offset, length);
      } catch (IOException e) {
        throw noted(e);
      }
    }
  }
}
