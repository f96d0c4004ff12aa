package io.rananeeti.testkit;

import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.LogStorage;

final class FileStorageTest extends LogStorageContract {

  @Override
  protected LogStorage.Factory factory() {
    return FileStorage::open;
  }
}
