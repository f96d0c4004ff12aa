package io.rananeeti.s3;

import io.rananeeti.log.ArchiveProvider;
import io.rananeeti.log.ArchiveStorage;

/** Knows {@code s3://...}: an {@link S3Archive} with the SDK's default credentials. */
public final class S3ArchiveProvider implements ArchiveProvider {

  /** For {@link java.util.ServiceLoader}. */
  public S3ArchiveProvider() {}

  @Override
  public boolean accepts(String location) {
    return location.startsWith("s3://");
  }

  @Override
  public ArchiveStorage open(String location) {
    return new S3Archive(location);
  }
}
