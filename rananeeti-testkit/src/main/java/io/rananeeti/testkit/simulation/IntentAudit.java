package io.rananeeti.testkit.simulation;

import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Judges what was tried more than once under one intent key (S6): one effect at the most, and
 * whoever was acknowledged has it, whichever try it was that had it. What was tried once is judged
 * as if there were no such keys.
 */
final class IntentAudit {

  /** SQLSTATE of a key that belongs to other content. */
  static final String OTHER_CONTENT = "22R01";

  private final Evidence evidence;
  private final Map<String, List<Told>> tries;

  IntentAudit(Evidence evidence) {
    this.evidence = evidence;
    this.tries =
        evidence.told().stream()
            .filter(each -> each.work().isIntended(evidence.habits()))
            .collect(Collectors.groupingBy(each -> each.work().intentKey()));
  }

  /** Whether another try had the same key. */
  boolean wasTriedAgain(Told each) {
    List<Told> all =
        each.work().isIntended(evidence.habits()) ? tries.get(each.work().intentKey()) : null;
    return all != null && all.size() > 1;
  }

  /**
   * What is wrong.
   *
   * @param there the names of all that have had an effect
   */
  List<String> complaints(Set<String> there) {
    List<String> complaints = new ArrayList<>();
    for (List<Told> all : tries.values()) {
      if (all.size() > 1) {
        Set<String> effects =
            all.stream()
                .map(each -> each.work().name())
                .filter(there::contains)
                .collect(Collectors.toSet());
        if (effects.size() > 1) {
          complaints.add("two effects of one intent key: " + all);
        }
        all.forEach(each -> judge(each, effects, all, complaints));
      }
    }
    return complaints;
  }

  private void judge(Told each, Set<String> effects, List<Told> all, List<String> complaints) {
    boolean there = effects.contains(each.work().name());
    TransactionId id = each.id();
    boolean lost =
        id != null && each.receipt() != null && !there && (mustStay(each) || !isGivenUp(id));
    if (lost) {
      complaints.add("acknowledged, and nobody has had its effect: " + each);
    }
    if (there && all.stream().filter(one -> isOf(one, each)).allMatch(IntentAudit::failed)) {
      complaints.add("all were told an error, and yet it is there: " + all);
    }
    Outcome outcome = id == null ? null : evidence.outcomes().get(id);
    if (!there && (outcome == Outcome.APPLIED || outcome == Outcome.DUPLICATE)) {
      complaints.add("outcome is %s, and it is not there: %s".formatted(outcome, each));
    }
  }

  /** What was applied is no letter later; unless it was lost, and another node took its key. */
  private boolean mustStay(Told each) {
    return each.receipt() == Receipt.Status.APPLIED && !evidence.losses().region();
  }

  private static boolean isOf(Told one, Told each) {
    return one.work().name().equals(each.work().name());
  }

  private static boolean failed(Told one) {
    return one.receipt() == null && !one.isAmbiguous();
  }

  /** Whether a person has given up this letter, or the retry of it; or perhaps. */
  private boolean isGivenUp(TransactionId id) {
    return evidence.operators().values().stream().anyMatch(operator -> isGivenUp(operator, id));
  }

  private static boolean isGivenUp(Operator operator, TransactionId id) {
    TransactionId retry = operator.retried().get(id);
    return operator.attempted().contains(id)
        || operator.discarded().contains(id)
        || (retry != null && isGivenUp(operator, retry));
  }
}
