package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Operation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class UnitRetainedTest {

  private final Unit unit = new Unit();

  @Test
  void whatWasRecordedIsRetainedAsItIs() {
    unit.record(operation("a"));

    assertThat(unit.retained()).isSameAs(unit.operations());
    assertThat(unit.seen()).isEmpty();
    assertThat(unit.whyNotRetainable()).isNull();
  }

  @Test
  void whatWasAnsweredStandsInItsPlaceAndQueriesBetween() {
    unit.record(operation("a"));
    unit.recordAnswered(operation("b"), operation("b with keys"));
    unit.recordQuery(operation("q"));
    unit.record(operation("c"));

    assertThat(unit.operations()).extracting(Operation::sql).containsExactly("a", "b", "c");
    assertThat(unit.retained())
        .extracting(Operation::sql)
        .containsExactly("a", "b with keys", "q", "c");
    assertThat(unit.content()).extracting(Operation::sql).containsExactly("a", "b", "c");
    assertThat(unit.unproven()).isTrue();
  }

  @Test
  void aRollbackToASavepointCutsBoth() {
    unit.record(operation("a"));
    int length = unit.length();
    int before = unit.retainedLength();
    unit.recordQuery(operation("q"));
    int between = unit.retainedLength();
    unit.recordAnswered(operation("b"), operation("b with keys"));
    unit.saw("public.s", 7);

    unit.enlist("receipts", operation("put"));
    assertThat(unit.parts()).hasSize(1);

    unit.cut(length, between, 0, Unit.Access.AS_CONNECTED);
    assertThat(unit.retained()).extracting(Operation::sql).containsExactly("a", "q");
    assertThat(unit.isAcrossStores()).as("has parts for other stores").isFalse();
    unit.cut(length, before, 0, Unit.Access.AS_CONNECTED);
    assertThat(unit.retained()).extracting(Operation::sql).containsExactly("a");
    assertThat(unit.operations()).extracting(Operation::sql).containsExactly("a");
    assertThat(unit.seen())
        .as("a sequence takes nothing back")
        .containsExactly(Map.entry("public.s", 7L));
  }

  @Test
  void theValueSeenLastIsTheFurthest() {
    unit.saw("falling", -3);
    unit.saw("falling", -4);

    assertThat(unit.seen()).containsExactly(Map.entry("falling", -4L));
  }

  @Test
  void saysWhyItCanNotBeRetained() {
    unit.unretainable("too much");
    assertThat(unit.whyNotRetainable()).isEqualTo("too much");
    unit.opaque("LOCK can't be recorded");
    assertThat(unit.whyNotRetainable()).isEqualTo("LOCK can't be recorded");
  }

  private static Operation operation(String sql) {
    return new Operation(sql, false, List.of(List.of()), List.of(1L));
  }
}
