package io.rananeeti.internal.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Content;
import io.rananeeti.store.Context;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.Spool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.sql.Types;
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

  /** Of the same order, one attempt may have had it in memory and another in the spool. */
  @Test
  void isTheSameWhetherContentIsInMemoryOrInTheSpool() {
    byte[] bytes = "\u0928\u092e\u0938\u094d\u0924\u0947".repeat(50_000).getBytes(UTF_8);
    String text = new String(bytes, UTF_8);
    Content content = new Content("ab".repeat(32), bytes.length);
    Operation inMemory =
        operation(SQL, List.of(parameters(text, bytes), parameters("x", new byte[] {1})));
    Operation spooled =
        operation(SQL, List.of(parameters(content, content), parameters("x", new byte[] {1})));

    String digest = ContentDigest.of(List.of(spooled, spooled), Context.NONE, new Kept(bytes));

    assertThat(digest).isEqualTo(digest(Context.NONE, inMemory, inMemory));
    assertThat(ContentDigest.of(List.of(spooled), Context.NONE, new Kept(new byte[] {1})))
        .isNotEqualTo(digest(Context.NONE, inMemory));
  }

  private static List<Parameter> parameters(Object text, Object bytes) {
    return List.of(
        Parameter.of(Kind.STRING, text),
        Parameter.of(Kind.CLOB, text),
        Parameter.of(Kind.BYTES, bytes),
        Parameter.of(Kind.BLOB, bytes),
        Parameter.of(Kind.DRIVER, text, "jsonb"),
        new Parameter(Kind.OBJECT, text, Types.OTHER, Parameter.UNTYPED, null),
        new Parameter(Kind.OBJECT, bytes, Types.BINARY, Parameter.UNTYPED, null));
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Kept(byte[] bytes) implements Spool {

    @Override
    public Content take(InputStream in) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream read(Content content) {
      return new ByteArrayInputStream(bytes);
    }
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
