package io.rananeeti.testkit;

import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.InMemoryDatabase.Row;
import io.rananeeti.testkit.RandomApplication.Answer;
import io.rananeeti.testkit.RandomApplication.Told;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what applications were told with what is in the database: G1 to G5 and G7. */
final class RandomAudit {

  private final InMemoryDatabase database;
  private final List<RandomApplication> applications;
  private final Set<TransactionId> discarded;
  private final Set<TransactionId> retried;
  private final List<String> complaints = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();
  private final Set<String> orders;

  RandomAudit(
      InMemoryDatabase database,
      List<RandomApplication> applications,
      Set<TransactionId> discarded,
      Set<TransactionId> retried) {
    this.database = database;
    this.applications = applications;
    this.discarded = discarded;
    this.retried = retried;
    this.orders =
        database.rows("orders").stream()
            .map(row -> row.values().get(0))
            .collect(Collectors.toSet());
  }

  List<String> complaints() {
    List<Row> events = database.rows("events");
    for (int place = 0; place < events.size(); place++) {
      String name = events.get(place).values().get(0);
      if (places.put(name, place) != null) {
        complaints.add("twice in the database: " + name);
      }
    }
    for (String name : orders) {
      if (!places.containsKey(name)) {
        complaints.add("half in the database: " + name);
      }
    }
    for (RandomApplication application : applications) {
      application.told().forEach(this::check);
      application.answers().forEach(this::check);
      order(application.told());
    }
    return complaints;
  }

  private void check(Told told) {
    boolean there = places.containsKey(told.name());
    boolean ambiguous = told.error().equals("died") || told.error().equals("08007");
    if (told.receipt() == null) {
      if (there && !ambiguous) {
        complaints.add("an error was told, and yet it is there: " + told);
      }
      return;
    }
    boolean givenUp = discarded.contains(told.id());
    if (there == givenUp) {
      complaints.add((there ? "there though discarded: " : "acknowledged and lost: ") + told);
    }
    if (givenUp && told.receipt() == Receipt.Status.APPLIED) {
      complaints.add("told applied, and it was a dead letter: " + told);
    }
  }

  private void check(Answer answer) {
    TransactionId id = answer.told().id();
    boolean there = places.containsKey(answer.told().name());
    Set<Outcome> truths = new HashSet<>();
    if (discarded.contains(id)) {
      truths.add(Outcome.DISCARDED);
    } else if (retried.contains(id)) {
      truths.add(Outcome.REPLACED);
    } else if (there) {
      truths.add(Outcome.APPLIED);
      truths.add(Outcome.UNKNOWN);
    } else {
      truths.add(Outcome.ABORTED);
      truths.add(Outcome.UNKNOWN);
    }
    if (!truths.contains(answer.outcome())) {
      complaints.add("outcome is %s, there=%s: %s".formatted(answer.outcome(), there, answer));
    }
  }

  /** In the order in which one thread was told of them; a retry without a key comes when it may. */
  private void order(List<Told> all) {
    Map<String, Told> last = new HashMap<>();
    for (Told told : all) {
      Integer place = places.get(told.name());
      boolean late = told.key().isEmpty() && retried.contains(told.id());
      if (place == null || told.receipt() == null || late) {
        continue;
      }
      Told before = last.put(told.key(), told);
      if (before != null && places.getOrDefault(before.name(), 0) > place) {
        complaints.add("out of order: %s before %s".formatted(told, before));
      }
    }
  }
}
