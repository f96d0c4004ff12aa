package io.rananeeti.testkit;

import io.rananeeti.log.ArchiveStorage;

final class InMemoryArchiveTest extends ArchiveStorageContract {

  private final InMemoryArchive archive = new InMemoryArchive();

  @Override
  protected ArchiveStorage open() {
    return archive;
  }
}
