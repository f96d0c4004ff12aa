package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class UnloggedValuesTest {

  private static final String NAMED = new SeenName("s", null, Map.of("role", "x")).written();

  private final UnloggedValues values = new UnloggedValues();

  @Test
  void whereNothingIsUnloggedATransactionTellsOfItsOwn() {
    Map<String, Long> own = Map.of("public.s", 7L);

    assertThat(values.with(own)).isSameAs(own);
    values.logged(own);
    assertThat(values.spans()).isEmpty();
  }

  @Test
  void theNextOneTellsOfBothEnds() {
    values.add("public.s", 7);
    values.add("public.s", 9);
    values.add("public.s", 8);
    values.add(NAMED, -3);

    Map<String, Long> told = values.with(Map.of("public.t", 1L));

    assertThat(told)
        .containsEntry("public.s", 9L)
        .containsEntry(SeenName.again("public.s"), 7L)
        .containsEntry(NAMED, -3L)
        .containsEntry("public.t", 1L)
        .hasSize(4);
    values.logged(told);
    assertThat(values.spans()).isEmpty();
  }

  @Test
  void whatCameMeanwhileIsNotLoggedYet() {
    values.add("public.s", 7);
    values.add("public.t", 7);
    Map<String, Long> told = values.with(Map.of());
    values.add("public.s", 8);

    values.logged(told);

    assertThat(values.spans()).containsOnlyKeys("public.s");
    assertThat(values.spans().get("public.s")).containsExactly(7, 8);
  }

  @Test
  void bothNamesMeanTheSame() {
    assertThat(SeenName.read(SeenName.again("public.s")))
        .isEqualTo(new SeenName("public.s", null, Map.of()));
    assertThat(SeenName.again(NAMED)).isNotEqualTo(NAMED);
    assertThat(Objects.requireNonNull(SeenName.read(SeenName.again(NAMED))))
        .isEqualTo(SeenName.read(NAMED));
  }
}
