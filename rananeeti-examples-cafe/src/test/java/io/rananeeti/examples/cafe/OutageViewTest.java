package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.rananeeti.Availability;
import io.rananeeti.Health.Shared;
import io.rananeeti.Health.StoreHealth;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class OutageViewTest {

  @Test
  void nodesAreShownByNumberWithWhatBecameOfThem() {
    OutageView view = view(new Shared(2, false, Map.of(10L, false, 2L, true), modes("DIRECT")));

    assertThat(view.nodes())
        .extracting(OutageView.Node::name, OutageView.Node::isAlive)
        .containsExactly(tuple("Node 2, this one", true), tuple("Node 10", false));
    assertThat(view.agreement()).startsWith("DIRECT");
    assertThat(view.report())
        .containsEntry("node", 2L)
        .containsEntry("nodesAlive", 1L)
        .containsEntry("nodesGone", 1L)
        .containsEntry("agreement", "DIRECT");
  }

  @Test
  void aNodeByItselfSaysSo() {
    OutageView view = view(new Shared(1, true, Map.of(1L, true), modes("LOGGED")));

    assertThat(view.agreement()).contains("by itself");
    assertThat(view.report()).containsEntry("alone", true);
  }

  @Test
  void aCafeThatSharesNothingHasNoNodes() {
    OutageView view = view(null);

    assertThat(view.nodes()).isEmpty();
    assertThat(view.report()).doesNotContainKey("nodesAlive");
  }

  private static Map<String, String> modes(String mode) {
    return Map.of(CafePlatform.STORE, mode);
  }

  private static OutageView view(@Nullable Shared shared) {
    StoreHealth health =
        new StoreHealth(Availability.UP, Instant.EPOCH, 0, null, 0, 0, 0, List.of(), null, null);
    return new OutageView(Instant.EPOCH, health, true, 0, shared);
  }
}
