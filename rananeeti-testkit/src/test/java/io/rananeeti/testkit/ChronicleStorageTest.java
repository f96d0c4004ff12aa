package io.rananeeti.testkit;

import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.log.LogStorage;

final class ChronicleStorageTest extends LogStorageContract {

  @Override
  protected LogStorage.Factory factory() {
    return ChronicleStorage::open;
  }
}
