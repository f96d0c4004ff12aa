package io.rananeeti.testkit.simulation;

import io.rananeeti.DeadLetter;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.store.Refusal;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what clients were told with what is in the database: G1 to G5 and G7. */
final class Audit {

  private static final Set<FaultKind> OF_THE_WORLD =
      EnumSet.of(FaultKind.SCHEMA_MISSING, FaultKind.RIGHT_MISSING, FaultKind.CANCELLED);

  private final Evidence evidence;
  private final List<Told> told;
  private final List<String> complaints = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Map<TransactionId, Told> byId = new HashMap<>();
  private final IntentAudit intents;
  private final @Nullable Units units;

  Audit(Evidence evidence) {
    this.evidence = evidence;
    this.told = evidence.told();
    this.intents = new IntentAudit(evidence);
    this.units = evidence.units();
  }

  List<String> complaints() {
    List<Row> events = evidence.rows("events");
    for (int place = 0; place < events.size(); place++) {
      String name = events.get(place).values().get(0);
      if (places.put(name, place) != null) {
        complaints.add("twice in the database: " + name);
      }
    }
    told.forEach(each -> remember(each));
    complaints.addAll(intents.complaints(places.keySet()));
    wholeTransactions(events);
    told.forEach(this::fate);
    told.forEach(this::outcome);
    evidence.letters().forEach(this::letter);
    order();
    total();
    versions(events);
    reads(events);
    contexts(events);
    evidence.asked().forEach(this::asked);
    notifications();
    if (units != null) {
      complaints.addAll(new UnitAudit(units, evidence, places.keySet()).complaints());
    }
    return complaints;
  }

  private void remember(Told each) {
    if (each.id() != null) {
      byId.put(each.id(), each);
    }
  }

  private Operator operator(Told each) {
    Operator operator = evidence.operators().get(each.node());
    if (operator == null) {
      throw new IllegalStateException("no node " + each.node());
    }
    return operator;
  }

  /** All of a transaction is there, or nothing. */
  private void wholeTransactions(List<Row> events) {
    Set<String> orders =
        evidence.rows("orders").stream()
            .map(row -> row.values().get(0))
            .collect(Collectors.toSet());
    for (String name : orders) {
      if (!places.containsKey(name)) {
        complaints.add("half in the database: " + name);
      }
    }
    for (Told each : told) {
      boolean wants =
          each.work().statements().stream()
              .anyMatch(statement -> statement.sql().startsWith("INSERT INTO orders"));
      String name = each.work().name();
      if (wants && places.containsKey(name) && !orders.contains(name)) {
        complaints.add("half in the database: " + name);
      }
    }
    if (events.size() < orders.size()) {
      complaints.add("more orders than events");
    }
  }

  /** What became of the letter of this id in the end; null if nobody can say. */
  private @Nullable Boolean there(Operator operator, TransactionId id) {
    boolean twice =
        operator.attemptedBefore().contains(id)
            || (operator.discarded().contains(id) && operator.retried().containsKey(id));
    if (operator.attempted().contains(id) || (twice && evidence.habits().contains(Habit.SHARED))) {
      return null; // The letter of a node that was taken for dead may be at two nodes.
    }
    if (operator.discarded().contains(id)) {
      return false;
    }
    TransactionId retry = operator.retried().get(id);
    return retry == null ? Boolean.TRUE : there(operator, retry);
  }

  /** Acknowledged: applied once, or given up by a person. Refused: not there. */
  private void fate(Told each) {
    if (each.work().kind() == Work.Kind.READ || intents.wasTriedAgain(each)) {
      return;
    }
    boolean there = places.containsKey(each.work().name());
    TransactionId id = each.id();
    if (each.receipt() == null || id == null) {
      if (there && !each.isAmbiguous() && !hasReturned(each) && !wasRetried(each)) {
        complaints.add("an error was told, and yet it is there: " + each);
      }
      return;
    }
    Boolean expected = there(operator(each), id);
    if (expected != null && expected != there && !isLetOff(each, there)) {
      complaints.add((there ? "there though discarded: " : "acknowledged and lost: ") + each);
    }
    boolean again = evidence.losses().region() && mayBeRefusedAgain();
    if (wasLetter(each) && each.receipt() == Receipt.Status.APPLIED && !again) {
      complaints.add("told applied, and it was a dead letter: " + each);
    }
  }

  /** What one node has done before can be done again, in the same order and world. */
  private boolean mayBeRefusedAgain() {
    return evidence.operators().size() > 1
        || evidence.habits().contains(Habit.ADOPTING)
        || evidence.losses().unkept()
        || evidence.inflicted().stream().anyMatch(OF_THE_WORLD::contains);
  }

  private boolean wasLetter(Told each) {
    TransactionId id = each.id();
    return evidence.letters().stream().anyMatch(letter -> letter.id().equals(id))
        || (id != null // Its process may have died before it was announced.
            && (wasRetried(each) || operator(each).discarded().contains(id)));
  }

  /** Whether it was in a writer that came back, whatever was settled since. */
  private boolean hasReturned(Told each) {
    return evidence.losses().returned().contains(each.work().name());
  }

  /** Lost, and its platform had said that it does not keep it; or back, though discarded since. */
  private boolean isLetOff(Told each, boolean there) {
    Losses losses = evidence.losses();
    return there
        ? hasReturned(each) || (losses.region() && isShared())
        : (losses.region() && losses.unkept()) || losses.gone().contains(each.work().name());
  }

  /** A discard is in one log; with the row of its letter lost, another log may have it applied. */
  private boolean isShared() {
    return evidence.habits().contains(Habit.SHARED);
  }

  private void outcome(Told each) {
    Outcome outcome = each.id() == null ? null : evidence.outcomes().get(each.id());
    if (outcome == null || each.work().kind() == Work.Kind.READ || intents.wasTriedAgain(each)) {
      return;
    }
    Operator operator = operator(each);
    TransactionId id = each.id();
    boolean there = places.containsKey(each.work().name());
    boolean fulfilled = hasReturned(each) && outcome == Outcome.DUPLICATE;
    boolean refusedAgain = evidence.losses().region() && wasLetter(each);
    if (fulfilled || refusedAgain || isLetOff(each, there)) {
      return;
    }
    Set<Outcome> truths = EnumSet.noneOf(Outcome.class);
    if (operator.discarded().contains(id) || operator.attempted().contains(id)) {
      truths.add(Outcome.DISCARDED);
    }
    if (operator.retried().containsKey(id) || operator.attempted().contains(id)) {
      truths.add(Outcome.REPLACED);
    }
    if (truths.isEmpty()) {
      truths.add(there ? Outcome.APPLIED : Outcome.ABORTED);
    }
    truths.add(Outcome.UNKNOWN);
    if (units != null && units.isUnit(each.work()) && each.error().startsWith("23")) {
      truths.add(Outcome.REFUSED); // As the ledger of the store says that has refused its part.
    }
    if (!truths.contains(outcome)) {
      complaints.add("outcome is %s, there=%s: %s".formatted(outcome, there, each));
    }
  }

  private boolean isPartPoisoned(@Nullable Told each) {
    return each != null && units != null && units.isPoisoned(each.work());
  }

  /** Nobody's transaction becomes a dead letter but for a reason that lies in it. */
  private void letter(DeadLetter letter) {
    Told each = byId.get(letter.id());
    String state = letter.sqlState();
    boolean poisoned = each == null || each.work().poison() != null;
    boolean swapped = each == null || each.work().kind() == Work.Kind.SWAP;
    boolean legitimate =
        (state.equals("23514") && (poisoned || isPartPoisoned(each)))
            || (state.equals(Refusal.BROKEN_PROMISE) && swapped)
            || (state.equals(IntentAudit.OTHER_CONTENT)
                && (each == null || intents.wasTriedAgain(each)))
            || (state.equals("42P01") && evidence.inflicted().contains(FaultKind.SCHEMA_MISSING))
            || (state.equals("42501") && evidence.inflicted().contains(FaultKind.RIGHT_MISSING))
            || (state.equals("55R03") && evidence.losses().region())
            || (state.equals("57014") && evidence.inflicted().contains(FaultKind.CANCELLED));
    if (!legitimate) {
      complaints.add("a dead letter for no reason: %s of %s".formatted(letter, each));
    }
  }

  /**
   * Whoever was told before another asked to commit comes before it, within one lane of one node
   * (G3). A retry without a key comes when it may.
   */
  private void order() {
    if (evidence.losses().region() && evidence.losses().unkept()) {
      return;
    }
    Map<String, List<Told>> lanes =
        told.stream()
            .filter(each -> each.receipt() != null && places.containsKey(each.work().name()))
            .filter(
                each -> (!each.work().key().isEmpty() && !evidence.shared()) || !wasRetried(each))
            .filter(each -> !intents.wasTriedAgain(each) && !wasDecidedTwice(each))
            .collect(
                Collectors.groupingBy(
                    each -> evidence.shared() ? laneOf(each) : each.node() + "/" + laneOf(each)));
    for (List<Told> lane : lanes.values()) {
      for (Told first : lane) {
        for (Told second : lane) {
          if (first.ended() < second.committing()
              && place(first) > place(second)
              && !evidence.losses().haveLost(first, second)
              && !evidence.losses().late().contains(first.work().name())) {
            complaints.add("out of order: %s came after %s".formatted(first, second));
          }
        }
      }
    }
  }

  /** Discarded at one node, where that frees its key, and retried at another, where it waits. */
  private boolean wasDecidedTwice(Told each) {
    TransactionId id = each.id();
    return id != null && operator(each).discarded().contains(id) && wasRetried(each);
  }

  /** Units of work that have no key are one sequence of their own. */
  private String laneOf(Told each) {
    boolean isUnkeyedUnit =
        units != null && each.work().key().isEmpty() && units.isUnit(each.work());
    return isUnkeyedUnit ? "units" : each.work().key();
  }

  private boolean wasRetried(Told each) {
    TransactionId id = each.id();
    return id != null
        && (operator(each).retried().containsKey(id) || operator(each).attempted().contains(id));
  }

  private int place(Told each) {
    return places.getOrDefault(each.work().name(), -1);
  }

  /**
   * Where a region was lost, nobody can say whether one whose COMMIT got no reply was seen by
   * another that was acknowledged.
   */
  private boolean isTotalOpen() {
    Losses losses = evidence.losses();
    return losses.region()
        && Habit.doesAgain(evidence.habits())
        && (evidence.habits().contains(Habit.ADOPTING)
            || losses.unkept()
            || told.stream().anyMatch(each -> each.isAmbiguous() || each.error().equals("40001")));
  }

  private void total() {
    if (isTotalOpen()) {
      return;
    }
    long total =
        evidence.rows("accounts").stream()
            .mapToLong(row -> Long.parseLong(row.values().get(1)))
            .sum();
    if (total != Work.TOTAL) {
      complaints.add("the accounts hold %d together".formatted(total));
    }
  }

  /** Each version follows the one before it. */
  private void versions(List<Row> events) {
    Map<String, String> now = new HashMap<>();
    for (Row event : events) {
      if (event.values().get(2).equals(Work.Kind.SWAP.name())
          && event.values().get(3).contains(":")) {
        String[] parts = event.values().get(3).split("[:>]", 3);
        if (!now.getOrDefault(parts[0], "0").equals(parts[1])) {
          complaints.add("a version does not follow %s: %s".formatted(now, event));
        }
        now.put(parts[0], parts[2]);
      }
    }
  }

  /** Whoever read has seen a beginning of what there is in the end. */
  private void reads(List<Row> events) {
    if (evidence.losses().tail()) {
      return;
    }
    List<String> names = events.stream().map(row -> row.values().get(0)).toList();
    for (Told each : told) {
      List<String> read = each.read();
      if (read != null && !names.subList(0, Math.min(names.size(), read.size())).equals(read)) {
        complaints.add("has read what was never so: %s of %s".formatted(each, names));
      }
    }
  }

  /** What a transaction had set is set where its rows come from, whoever wrote them (D1). */
  private void contexts(List<Row> events) {
    if (!evidence.habits().contains(Habit.IN_CONTEXT)) {
      return;
    }
    Map<String, String> set = new HashMap<>();
    for (Row event : events) {
      set.put(event.values().get(0), event.settings().getOrDefault(Work.CONTEXT, ""));
    }
    for (Told each : told) {
      String name = each.work().name();
      String expected = each.work().isInContext() ? each.work().context() : "";
      if (set.containsKey(name) && !expected.equals(set.get(name))) {
        complaints.add("written in the context of '%s': %s".formatted(set.get(name), each));
      }
    }
  }

  /** Told applied: notified once. Told an error: not notified (C2). */
  private void notifications() {
    List<String> sent = evidence.notifications();
    boolean lost = evidence.losses().region();
    for (Told each : told) {
      int times = Collections.frequency(sent, each.work().context());
      boolean succeeded = each.receipt() != null;
      if (times > 1 || (times == 1 && !succeeded && !each.isAmbiguous())) {
        complaints.add("notified %d times: %s".formatted(times, each));
      }
      if (evidence.habits().contains(Habit.NOTIFYING)
          && isRead(each)
          && succeeded
          && times == 0
          && !lost) {
        complaints.add("never notified: " + each);
      }
    }
  }

  private static boolean isRead(Told each) {
    return each.work().kind() == Work.Kind.READ;
  }

  /** What the platform has said early is true in the end. */
  private void asked(SimulatedRun.Asked asked) {
    boolean there = places.containsKey(asked.told().work().name());
    boolean lies =
        asked.outcome() == Outcome.APPLIED ? !there : asked.outcome() == Outcome.ABORTED && there;
    boolean judged =
        asked.told().work().kind() != Work.Kind.READ && !intents.wasTriedAgain(asked.told());
    boolean refusedAgain = evidence.losses().region() && wasLetter(asked.told());
    if (lies && judged && !refusedAgain && !isLetOff(asked.told(), there)) {
      complaints.add(
          "was said to be %s, there=%s: %s".formatted(asked.outcome(), there, asked.told()));
    }
  }
}
