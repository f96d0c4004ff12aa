package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Lease;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SeenSequencesTest implements Sequences {

  private final List<String> asked = new ArrayList<>();
  private Failure failure = Failure.REFUSED;

  @Test
  void namesThatAreNotKnownYetComeBackAsTheyWere() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("search_path", "a, \"B\"");
    settings.put("role", "tenant");
    SeenName sequence = new SeenName("\"Odd One\"", null, settings);
    SeenName column = new SeenName("shop.orders", "id", Map.of());

    assertThat(SeenName.read(sequence.written())).isEqualTo(sequence);
    assertThat(SeenName.read(column.written())).isEqualTo(column);
    assertThat(SeenName.read("public.s")).isNull();
  }

  @Test
  void eachIsMovedPastBothEndsOfWhatWasSeen() throws StoreException {
    assertThat(advance(Map.of("public.s", new long[] {7, 9}, "public.t", new long[] {-3, -3})))
        .isEmpty();

    assertThat(asked).containsExactly("public.s 7", "public.s 9", "public.t -3", "public.t -3");
  }

  @Test
  void whatANameMeansIsAskedWhenItIsNeeded() throws StoreException {
    List<String> left =
        advance(
            Map.of(
                new SeenName("s", null, Map.of("role", "x")).written(), one(7),
                new SeenName("t", "id", Map.of()).written(), one(8),
                new SeenName("t", "count", Map.of()).written(), one(9)));

    assertThat(left).isEmpty();

    assertThat(asked).contains("x.s 7", "public.t_id_seq 8").noneMatch(each -> each.endsWith("9"));
  }

  @Test
  void whatIsGoneIsSaidAndTheRestIsMoved() throws StoreException {
    List<String> left =
        advance(
            Map.of(
                "public.gone",
                one(7),
                "public.s",
                one(8),
                new SeenName("gone", "id", Map.of("role", "x")).written(),
                one(7)));

    assertThat(left)
        .containsExactlyInAnyOrder(
            "sequence public.gone can't be moved past the values that were seen of it: it is gone",
            "column id of gone with [role=x] can't be moved past the values that were seen of it: it is gone");
    assertThat(asked).contains("public.s 8");
  }

  @Test
  void whoeverDoesNotAnswerIsAskedAgain() {
    failure = Failure.UNREACHABLE;

    assertThatThrownBy(() -> advance(Map.of("public.gone", one(7))))
        .isInstanceOf(StoreException.class);
  }

  private List<String> advance(Map<String, long[]> seen) throws StoreException {
    return new SeenSequences(this).advance(seen);
  }

  private static long[] one(long value) {
    return new long[] {value};
  }

  @Override
  public Lease lease(String name, Map<String, String> settings, int count) {
    throw new AssertionError("leases nothing");
  }

  @Override
  public String inFull(String name, Map<String, String> settings) throws StoreException {
    check(name);
    return settings.getOrDefault("role", "public") + "." + name;
  }

  @Override
  public void advance(String sequence, long past) throws StoreException {
    check(sequence);
    asked.add(sequence + " " + past);
  }

  @Override
  public Map<String, String> states(Set<String> sequences) {
    return Map.of();
  }

  @Override
  public InsertTarget describe(String table, Map<String, String> settings) throws StoreException {
    check(table);
    return new InsertTarget(
        List.of(
            new Column("id", "int8", "public.t_id_seq", false, true),
            new Column("count", "int8", null, false, true)),
        null);
  }

  private void check(String name) throws StoreException {
    if (name.endsWith("gone")) {
      throw new StoreException(failure, "42P01", "it is gone", null);
    }
  }
}
