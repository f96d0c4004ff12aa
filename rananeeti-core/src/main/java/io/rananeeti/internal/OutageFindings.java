package io.rananeeti.internal;

import io.rananeeti.OutageAudit;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Collects what could not go on in an outage: one finding for each statement, place and reason, and
 * how often. Bounded; thread-safe.
 */
public final class OutageFindings implements OutageAudit {

  private static final int MOST = 10_000;
  private static final Comparator<Finding> ORDER =
      Comparator.comparing(Finding::kind)
          .thenComparing(Comparator.comparingLong(Finding::count).reversed())
          .thenComparing(Finding::where)
          .thenComparing(Finding::statement)
          .thenComparing(finding -> finding.place().toString());

  private final String platform;
  private final ConcurrentHashMap<Finding, LongAdder> found = new ConcurrentHashMap<>();
  private final LongAdder statements = new LongAdder();
  private final LongAdder leftOut = new LongAdder();

  /** Of this platform. */
  public OutageFindings(String platform) {
    this.platform = platform;
  }

  /** A statement was run. */
  public void ran() {
    statements.increment();
  }

  /**
   * Something could not go on.
   *
   * @param finding without a count
   */
  public void add(Finding finding) {
    LongAdder count = found.get(finding);
    if (count == null) {
      if (found.size() >= MOST) {
        leftOut.increment();
        return;
      }
      count = found.computeIfAbsent(finding, any -> new LongAdder());
    }
    count.increment();
  }

  @Override
  public List<Finding> findings() {
    return found.entrySet().stream()
        .map(each -> counted(each.getKey(), each.getValue().sum()))
        .sorted(ORDER)
        .toList();
  }

  private static Finding counted(Finding finding, long count) {
    return new Finding(
        finding.kind(),
        finding.where(),
        finding.store(),
        finding.statement(),
        finding.reason(),
        finding.advice(),
        finding.place(),
        count);
  }

  @Override
  public long statements() {
    return statements.sum();
  }

  @Override
  public long leftOut() {
    return leftOut.sum();
  }

  @Override
  public String text(Predicate<Finding> which) {
    return OutageReport.text(platform, this, which);
  }

  @Override
  public String json() {
    return OutageReport.json(platform, this);
  }

  @Override
  public void clear() {
    found.clear();
    statements.reset();
    leftOut.reset();
  }
}
