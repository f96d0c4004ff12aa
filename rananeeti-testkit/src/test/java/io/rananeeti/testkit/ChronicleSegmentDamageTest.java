package io.rananeeti.testkit;

import io.rananeeti.internal.chronicle.ChronicleStorage;
import io.rananeeti.log.LogStorage;
import java.util.List;

final class ChronicleSegmentDamageTest extends SegmentDamageContract {

  @Override
  protected LogStorage.Factory factory() {
    return ChronicleStorage::open;
  }

  @Override
  protected List<String> names() {
    return List.of("chronicle", "19700101-00F.cq4", "metadata.cq4t");
  }
}
