package io.rananeeti.testkit;

import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.log.LogStorage;

final class ChronicleDamageTest extends LogDamageContract {

  @Override
  protected LogStorage.Factory factory() {
    return ChronicleStorage::open;
  }

  @Override
  protected int sample() {
    return 100;
  }

  @Override
  protected int randomDamages() {
    return FULL ? 10_000 : 300;
  }
}
