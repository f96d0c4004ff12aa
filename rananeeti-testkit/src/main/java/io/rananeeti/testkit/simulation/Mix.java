package io.rananeeti.testkit.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What clients do in one run, and what they believe of the versioned records. */
final class Mix {

  private static final List<List<Work.Kind>> MIXES =
      List.of(
          List.of(Work.Kind.INSERT),
          List.of(Work.Kind.APPEND),
          List.of(Work.Kind.INSERT, Work.Kind.APPEND),
          List.of(Work.Kind.TRANSFER, Work.Kind.APPEND, Work.Kind.READ),
          List.of(Work.Kind.SWAP, Work.Kind.INSERT),
          List.of(Work.Kind.values()));

  private static final List<Work.Kind> TRANSFERS = MIXES.get(3);

  private final List<Work.Kind> kinds;
  private final int poisonOneIn;
  private final Map<String, String> versions = new HashMap<>();

  Mix(SeededRandom random, boolean transfers) {
    List<Work.Kind> drawn = random.oneOf(MIXES);
    kinds = transfers ? TRANSFERS : drawn;
    poisonOneIn = random.oneOf(List.of(3, 8, 1_000));
    Work.RECORDS.forEach(record -> versions.put(record, "0"));
  }

  Work.Kind kind(SeededRandom random) {
    return random.oneOf(kinds);
  }

  /** Whether transactions wait for each other's rows. */
  boolean meets() {
    return kinds.contains(Work.Kind.TRANSFER) || kinds.contains(Work.Kind.SWAP);
  }

  int poisonOneIn() {
    return poisonOneIn;
  }

  String version(String record) {
    return versions.getOrDefault(record, "0");
  }

  /** Clients take for granted what they were told. */
  void told(Work work) {
    for (Work.Statement statement : work.statements()) {
      if (work.kind() == Work.Kind.SWAP && statement.sql().startsWith("UPDATE versions")) {
        versions.put(String.valueOf(statement.arguments().get(1)), work.name());
      }
    }
  }
}
