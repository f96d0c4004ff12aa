package io.rananeeti.internal;

import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.store.Content;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts parameters that are too large for an entry into the spool, and their names in their place.
 * What is smaller than {@value #LARGE} bytes stays in the entry, unless the rest is larger than
 * half of what one may be: then the largest go first. Used once.
 *
 * <p>Text that UTF-8 can't hold stays, since it would not come back as it was.
 */
final class ClaimCheck {

  /** Larger parameters leave the entry. */
  static final int LARGE = 1 << 20;

  private static final int SMALL = 4 << 10;
  private static final int MOST_BYTES_OF_A_UNIT = 3;

  /** Where a parameter stands, and how large it is. */
  private record Place(int operation, int row, int index, long bytes) {}

  private final ContentSpool spool;
  private final List<Operation> operations;
  private final List<Content> taken = new ArrayList<>();

  ClaimCheck(ContentSpool spool, List<Operation> operations) {
    this.spool = spool;
    this.operations = operations;
  }

  /**
   * The operations as the entry has them; the same list if nothing leaves it.
   *
   * @param onlyIfNeeded whether large parameters stay where the entry has room for them
   */
  List<Operation> run(boolean onlyIfNeeded) {
    List<Place> places = new ArrayList<>();
    long all = measure(places);
    long most = spool.largestEntry() / 2;
    if (places.isEmpty() || !spool.takes() || (onlyIfNeeded && all <= most)) {
      return operations;
    }
    places.sort(Comparator.comparingLong(Place::bytes).reversed());
    Set<Place> leave = new HashSet<>();
    for (Place place : places) {
      boolean large = place.bytes() > Math.min(LARGE, most) && !onlyIfNeeded;
      if (!large && all <= most) {
        break;
      }
      leave.add(place);
      all -= place.bytes();
    }
    return leave.isEmpty() ? operations : without(leave);
  }

  /** What it has put into the spool, once for each time that it is held there. */
  List<Content> taken() {
    return taken;
  }

  /** All that the operations name. */
  static List<Content> named(List<Operation> operations) {
    List<Content> named = List.of();
    for (int i = 0; i < operations.size(); i++) {
      for (List<Parameter> row : operations.get(i).rows()) {
        for (int j = 0; j < row.size(); j++) {
          if (row.get(j).value() instanceof Content content) {
            named = named.isEmpty() ? new ArrayList<>() : named;
            named.add(content);
          }
        }
      }
    }
    return named;
  }

  private long measure(List<Place> places) {
    long all = 0;
    for (int i = 0; i < operations.size(); i++) {
      List<List<Parameter>> rows = operations.get(i).rows();
      for (int row = 0; row < rows.size(); row++) {
        for (int index = 0; index < rows.get(row).size(); index++) {
          long bytes = bytes(rows.get(row).get(index));
          all += bytes;
          if (bytes > SMALL) {
            places.add(new Place(i, row, index, bytes));
          }
        }
      }
    }
    return all;
  }

  /** What of the entry it would take and need not; of text as much as it may be. */
  private static long bytes(Parameter parameter) {
    Object value = parameter.value();
    boolean mayLeave =
        switch (parameter.kind()) {
          case BYTES, BLOB, STRING, NSTRING, CLOB -> true;
          case DRIVER -> value instanceof String;
          case OBJECT -> parameter.isOfText() == value instanceof String;
          default -> false;
        };
    if (!mayLeave) {
      return 0;
    }
    if (value instanceof byte[] bytes) {
      return bytes.length;
    }
    return value instanceof String text ? (long) MOST_BYTES_OF_A_UNIT * text.length() : 0;
  }

  private List<Operation> without(Set<Place> leave) {
    List<Operation> changed = new ArrayList<>(operations);
    for (Place place : leave) {
      Operation operation = changed.get(place.operation());
      Parameter parameter = operation.rows().get(place.row()).get(place.index());
      ByteBuffer bytes = utf8OrBytes(parameter);
      if (bytes != null) {
        changed.set(
            place.operation(),
            operation.with(place.row(), place.index() + 1, parameter.withValue(take(bytes))));
      }
    }
    return changed;
  }

  private Content take(ByteBuffer bytes) {
    try {
      Content content =
          spool.take(
              new ByteArrayInputStream(
                  bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining()));
      taken.add(content);
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable ByteBuffer utf8OrBytes(Parameter parameter) {
    if (parameter.value() instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    try {
      return StandardCharsets.UTF_8
          .newEncoder()
          .encode(CharBuffer.wrap(String.valueOf(parameter.value())));
    } catch (CharacterCodingException half) {
      return null;
    }
  }
}
