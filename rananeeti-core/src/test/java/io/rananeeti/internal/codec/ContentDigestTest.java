package io.rananeeti.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Context;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ContentDigestTest {

  private static final String SQL = "INSERT INTO t VALUES (?, ?)";

  @Test
  void isThatOfWrittenDownBytesSoThatAllNodesAndReleasesAgree() {
    assertThat(digest(Context.NONE, insert("a", 1L, 1L)))
        .isEqualTo("a11a4ec12055cfcd8c4dc6613c16693167d4295354aae130689c9a4ce0d30a1e");
  }

  @Test
  void doesNotDependOnUpdateCounts() {
    assertThat(digest(Context.NONE, insert("a", 1L, 1L)))
        .isEqualTo(digest(Context.NONE, insert("a", 1L, Operation.ANY)));
  }

  @Test
  void dependsOnTextParametersTypesAndOrder() {
    Operation one = insert("a", 1L, 1L);
    Operation two = insert("b", 1L, 1L);
    String digest = digest(Context.NONE, one, two);

    assertThat(digest(Context.NONE, two, one)).isNotEqualTo(digest);
    assertThat(digest(Context.NONE, one)).isNotEqualTo(digest);
    assertThat(digest(Context.NONE, one, insert("b", 2L, 1L))).isNotEqualTo(digest);
    assertThat(digest(Context.NONE, one, operation(SQL + " ", two.rows()))).isNotEqualTo(digest);
    assertThat(digest(Context.NONE, one, operation(SQL, List.of(two.rows().get(0), List.of()))))
        .isNotEqualTo(digest);
  }

  @Test
  void dependsOnWhoseItIsAndOnNothingElseThatIsSet() {
    Operation insert = insert("a", 1L, 1L);
    String digest = digest(context(Map.of("app.tenant", "ann")), insert);

    assertThat(digest(context(Map.of("app.tenant", "bob")), insert)).isNotEqualTo(digest);
    assertThat(digest(context(Map.of("app.tenant", "ann", "role", "clerk")), insert))
        .isNotEqualTo(digest);
    assertThat(digest(context(Map.of("app.tenant", "ann", "timezone", "UTC")), insert))
        .isEqualTo(digest);
    assertThat(
            digest(new Context(Isolation.SERIALIZABLE, Map.of("app.tenant", "ann"), null), insert))
        .isEqualTo(digest);
  }

  private static Context context(Map<String, String> settings) {
    return new Context(Isolation.DEFAULT, settings, "orders");
  }

  private static String digest(Context context, Operation... operations) {
    return ContentDigest.of(List.of(operations), context);
  }

  private static Operation insert(String text, long number, long promised) {
    return new Operation(
        SQL,
        true,
        List.of(List.of(Parameter.of(Kind.STRING, text), Parameter.of(Kind.INT64, number))),
        List.of(promised));
  }

  private static Operation operation(String sql, List<List<Parameter>> rows) {
    return new Operation(sql, true, rows, rows.stream().map(row -> 1L).toList());
  }
}
