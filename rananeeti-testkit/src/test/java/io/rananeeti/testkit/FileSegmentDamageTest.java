package io.rananeeti.testkit;

import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.LogStorage;
import java.util.List;

final class FileSegmentDamageTest extends SegmentDamageContract {

  @Override
  protected LogStorage.Factory factory() {
    return FileStorage::open;
  }

  @Override
  protected List<String> names() {
    return List.of("file", "documents", "unsealed");
  }
}
