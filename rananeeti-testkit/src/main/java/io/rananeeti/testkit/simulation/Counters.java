package io.rananeeti.testkit.simulation;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How often each {@link FaultKind} was inflicted and each {@link Branch} taken. Thread-safe. */
public final class Counters {

  private final Map<FaultKind, Long> faults = new EnumMap<>(FaultKind.class);
  private final Map<Branch, Long> branches = new EnumMap<>(Branch.class);

  /** None yet. */
  public Counters() {}

  synchronized void count(FaultKind fault) {
    faults.merge(fault, 1L, Long::sum);
  }

  synchronized void count(Branch branch) {
    branches.merge(branch, 1L, Long::sum);
  }

  /** Counts what a client was told, if it is a way of recovery. */
  void count(Told told) {
    if (told.receipt() != null) {
      count(
          switch (told.receipt()) {
            case APPLIED -> Branch.TOLD_APPLIED;
            case ACCEPTED -> Branch.TOLD_ACCEPTED;
            case REJECTED -> throw new IllegalStateException("told rejected at once: " + told);
          });
      return;
    }
    switch (told.error()) {
      case "40001" -> count(Branch.TOLD_RETRY);
      case "08007" -> count(Branch.TOLD_UNKNOWN);
      case "55R01" -> count(Branch.TOLD_DETACHED);
      case "53100" -> count(Branch.TOLD_LOG_FULL);
      case "08001" -> count(Branch.TOLD_NO_CONNECTION);
      case "23514" -> count(Branch.TOLD_REFUSED);
      default -> {}
    }
  }

  /** Adds those of another run that is over. */
  public synchronized void add(Counters other) {
    other.faults.forEach((fault, times) -> faults.merge(fault, times, Long::sum));
    other.branches.forEach((branch, times) -> branches.merge(branch, times, Long::sum));
  }

  /** What was never reached, by name. */
  public synchronized List<String> missing() {
    return Stream.concat(
            Stream.of(FaultKind.values()).filter(fault -> !faults.containsKey(fault)),
            Stream.of(Branch.values()).filter(branch -> !branches.containsKey(branch)))
        .map(String::valueOf)
        .toList();
  }

  /** One line each. */
  @Override
  public synchronized String toString() {
    StringBuilder text = new StringBuilder();
    for (FaultKind fault : FaultKind.values()) {
      line(text, "fault  ", fault, faults.getOrDefault(fault, 0L));
    }
    for (Branch branch : Branch.values()) {
      line(text, "branch ", branch, branches.getOrDefault(branch, 0L));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String what, Enum<?> which, long times) {
    text.append("%s%,12d  %s%n".formatted(what, times, which));
  }
}
