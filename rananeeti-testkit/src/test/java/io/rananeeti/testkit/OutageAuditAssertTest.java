package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.OutageAudit;
import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.OutageAudit.Where;
import io.rananeeti.internal.OutageFindings;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutageAuditAssertTest {

  private final OutageFindings audit = new OutageFindings("shop");

  OutageAuditAssertTest() {}

  @Test
  void anAuditThatSawNothingProvesNothing() {
    assertThatThrownBy(() -> OutageAuditAssert.assertThat(audit).hasNoFindings())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no statement was run");

    audit.ran();

    assertThatCode(() -> OutageAuditAssert.assertThat(audit).hasNoFindings())
        .doesNotThrowAnyException();
  }

  @Test
  void whatIsNotAcceptedFailsWithItsPlaceAndNothingElse() {
    audit.ran();
    audit.add(finding(Kind.DETACHED_REFUSED, "SELECT price FROM prices WHERE id = ?"));
    audit.add(finding(Kind.DETACHED_REFUSED, "SELECT name FROM items"));
    audit.add(finding(Kind.NOT_REPLAYABLE, "SELECT name FROM items"));

    assertThatThrownBy(
            () ->
                OutageAuditAssert.assertThat(audit)
                    .accepting("select .* from prices.*", "nobody orders without prices")
                    .accepting(Kind.DETACHED_REFUSED, "SELECT name FROM items", "known")
                    .hasNoFindings())
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("1 findings are not accepted:")
        .hasMessageContaining("not run again by the platform")
        .hasMessageContaining("com.acme.Shop.order(Shop.java:42)")
        .message()
        .doesNotContain("prices")
        .doesNotContain("refused in an outage");
  }

  @Test
  void whatIsAcceptedIsAcceptedForAReason() {
    assertThatThrownBy(() -> OutageAuditAssert.assertThat(audit).accepting("SELECT .*", " "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void moreThanWhatIsKeptIsNeverTakenForNothing() {
    audit.ran();
    for (int i = 0; i < 10_001; i++) {
      audit.add(finding(Kind.DETACHED_REFUSED, "SELECT " + i));
    }

    assertThat(audit.leftOut()).isEqualTo(1);
    assertThatThrownBy(
            () -> OutageAuditAssert.assertThat(audit).accepting(".*", "all").hasNoFindings())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("left out");
  }

  private static Finding finding(Kind kind, String statement) {
    return new OutageAudit.Finding(
        kind,
        Where.WRITING,
        "orders",
        statement,
        "a query needs the store",
        "read before",
        List.of("com.acme.Shop.order(Shop.java:42)"),
        0);
  }
}
