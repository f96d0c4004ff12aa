package io.rananeeti.testkit;

import io.rananeeti.log.ContentStorage;

final class InMemoryContentsTest extends ContentStorageContract {

  private final InMemoryContents contents = new InMemoryContents();

  @Override
  protected ContentStorage open() {
    return contents.node("any");
  }
}
