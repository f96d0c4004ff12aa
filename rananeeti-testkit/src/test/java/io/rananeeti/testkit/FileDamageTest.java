package io.rananeeti.testkit;

import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.LogStorage;

final class FileDamageTest extends LogDamageContract {

  @Override
  protected LogStorage.Factory factory() {
    return FileStorage::open;
  }

  @Override
  protected int sample() {
    return 200;
  }

  @Override
  protected int randomDamages() {
    return FULL ? 10_000 : 1_500;
  }
}
