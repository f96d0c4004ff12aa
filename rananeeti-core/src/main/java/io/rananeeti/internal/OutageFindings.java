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

  /** The same statement at the same place is one finding, whoever calls that place. */
  private record Key(
      Kind kind, Where where, String store, String statement, String reason, String place) {

    static Key of(Finding finding) {
      return new Key(
          finding.kind(),
          finding.where(),
          finding.store(),
          finding.statement(),
          finding.reason(),
          finding.place().isEmpty() ? "" : finding.place().get(0));
    }
  }

  private record Seen(Finding first, LongAdder count) {}

  private final String platform;
  private final ConcurrentHashMap<Key, Seen> found = new ConcurrentHashMap<>();
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
    Key key = Key.of(finding);
    Seen seen = found.get(key);
    if (seen == null) {
      if (found.size() >= MOST) {
        leftOut.increment();
        return;
      }
      seen = found.computeIfAbsent(key, any -> new Seen(finding, new LongAdder()));
    }
    seen.count().increment();
  }

  @Override
  public List<Finding> findings() {
    return found.values().stream()
        .map(seen -> counted(seen.first(), seen.count().sum()))
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
