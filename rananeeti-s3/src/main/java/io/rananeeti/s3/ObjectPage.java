package io.rananeeti.s3;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param objects in the order of their keys
 * @param next to be given for the next page; null if this is the last one
 */
public record ObjectPage(List<StoredObject> objects, @Nullable String next) {

  /** Copies the list. */
  public ObjectPage {
    objects = List.copyOf(objects);
  }
}
