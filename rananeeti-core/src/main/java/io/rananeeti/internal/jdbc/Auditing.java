package io.rananeeti.internal.jdbc;

import io.rananeeti.OutageAudit.Finding;
import io.rananeeti.OutageAudit.Kind;
import io.rananeeti.OutageAudit.Where;
import io.rananeeti.internal.OutageFindings;
import io.rananeeti.internal.Unit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one connection notes of its transactions for the audit. Whether a transaction has written is
 * known at its end only, so what is noted within one waits for that. Owned by the connection's
 * thread; there is none where nothing is audited.
 */
final class Auditing {

  private static final int LONGEST = 2_000;
  private static final int MOST_PENDING = 10_000;

  private final OutageFindings findings;
  private final String store;
  private final List<Finding> pending = new ArrayList<>();

  Auditing(OutageFindings findings, String store) {
    this.findings = findings;
    this.store = store;
  }

  /** A statement was run attached. */
  void ran() {
    findings.ran();
  }

  /**
   * It could not have gone on in an outage.
   *
   * @param statement its text, or the name of a call
   * @param alone whether nothing else belongs to its transaction
   */
  void note(Kind kind, String statement, String reason, boolean alone) {
    Finding finding =
        new Finding(
            kind,
            Where.ALONE,
            store,
            shown(statement),
            reason,
            Advice.on(kind, reason),
            CodePlace.here(),
            0);
    if (alone || pending.size() >= MOST_PENDING) {
      findings.add(finding);
    } else {
      pending.add(finding);
    }
  }

  /** The transaction is over; null if there was none. */
  void over(@Nullable Unit unit) {
    boolean wrote = unit != null && (!unit.operations().isEmpty() || unit.mayHaveEffects());
    for (Finding finding : pending) {
      findings.add(with(finding, wrote ? Where.WRITING : Where.READING));
    }
    pending.clear();
  }

  private static Finding with(Finding finding, Where where) {
    return new Finding(
        finding.kind(),
        where,
        finding.store(),
        finding.statement(),
        finding.reason(),
        finding.advice(),
        finding.place(),
        0);
  }

  private static String shown(String statement) {
    String masked = SqlScanner.masked(statement).strip().replaceAll("\\s+", " ");
    return masked.length() <= LONGEST ? masked : masked.substring(0, LONGEST);
  }
}
