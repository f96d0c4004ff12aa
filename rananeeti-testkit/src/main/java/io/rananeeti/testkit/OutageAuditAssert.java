package io.rananeeti.testkit;

import io.rananeeti.DataPlatform;
import io.rananeeti.OutageAudit;
import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fails a test when the application did what could not go on in an outage: say what is accepted,
 * and why, and ask then. Needs no test framework. Not thread-safe.
 *
 * <pre>{@code
 * OutageAuditAssert.assertThat(platform)
 *     .accepting("SELECT .* FROM prices .*", "without prices nobody orders")
 *     .hasNoFindings();
 * }</pre>
 */
public final class OutageAuditAssert {

  private record Accepted(@Nullable Kind kind, Pattern statement) {

    boolean covers(Finding finding) {
      return (kind == null || kind == finding.kind())
          && statement.matcher(finding.statement()).matches();
    }
  }

  private final OutageAudit audit;
  private final List<Accepted> accepted = new ArrayList<>();

  private OutageAuditAssert(OutageAudit audit) {
    this.audit = audit;
  }

  /**
   * On a platform's audit.
   *
   * @throws IllegalArgumentException if the platform does not audit
   */
  public static OutageAuditAssert assertThat(DataPlatform platform) {
    return new OutageAuditAssert(
        platform
            .outageAudit()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "platform %s does not audit: build it with audit(), or set rananeeti.audit"
                            .formatted(platform.name()))));
  }

  /** On this audit. */
  public static OutageAuditAssert assertThat(OutageAudit audit) {
    return new OutageAuditAssert(audit);
  }

  /**
   * What is accepted, of any kind.
   *
   * @param statement a regular expression for the whole of a statement as the report shows it, with
   *     its literals masked; case does not matter
   * @param why for those who read the test
   */
  public OutageAuditAssert accepting(String statement, String why) {
    return accept(null, statement, why);
  }

  /** The same, of one kind only. */
  public OutageAuditAssert accepting(Kind kind, String statement, String why) {
    return accept(kind, statement, why);
  }

  private OutageAuditAssert accept(@Nullable Kind kind, String statement, String why) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("say why this is accepted: " + statement);
    }
    accepted.add(
        new Accepted(kind, Pattern.compile(statement, Pattern.CASE_INSENSITIVE | Pattern.DOTALL)));
    return this;
  }

  /**
   * Asks.
   *
   * @throws AssertionError if there is more than what is accepted; its message is the report, with
   *     the application's code places
   * @throws IllegalStateException if no statement was run at all: nothing was looked at
   */
  public OutageAuditAssert hasNoFindings() {
    if (audit.statements() == 0) {
      throw new IllegalStateException(
          "no statement was run through the audited platform, so nothing was looked at");
    }
    long left = audit.findings().stream().filter(this::isNotAccepted).count();
    if (left > 0 || audit.leftOut() > 0) {
      throw new AssertionError(
          "%d findings are not accepted:%n%n%s".formatted(left, audit.text(this::isNotAccepted)));
    }
    return this;
  }

  private boolean isNotAccepted(Finding finding) {
    return accepted.stream().noneMatch(each -> each.covers(finding));
  }
}
