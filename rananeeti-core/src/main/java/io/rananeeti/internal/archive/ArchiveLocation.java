package io.rananeeti.internal.archive;

import io.rananeeti.log.ArchiveProvider;
import io.rananeeti.log.ArchiveStorage;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.regex.Pattern;

/** Where people say that an archive is: a directory, or what a provider knows. */
public final class ArchiveLocation {

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://.*");

  private ArchiveLocation() {}

  /**
   * The storage there.
   *
   * @throws IllegalArgumentException if nobody knows such a location
   */
  public static ArchiveStorage open(String location) {
    for (ArchiveProvider provider : ServiceLoader.load(ArchiveProvider.class)) {
      if (provider.accepts(location)) {
        return provider.open(location);
      }
    }
    if (location.isEmpty() || SCHEME.matcher(location).matches()) {
      throw new IllegalArgumentException(
          "an archive is in a directory, or at s3://... with rananeeti-s3 on the class path: "
              + location);
    }
    try {
      return new DirectoryArchive(Path.of(location));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("an archive is in a directory: " + location, e);
    }
  }
}
