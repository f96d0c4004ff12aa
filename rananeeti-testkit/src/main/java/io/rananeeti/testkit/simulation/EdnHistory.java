package io.rananeeti.testkit.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What clients did and were told, in the form of Jepsen's histories, one operation a line: the
 * workload {@code list-append} that Elle (Kingsbury and Alvaro, 2020) judges. Every transaction
 * that writes appends its name to the list {@code :events}; who has read, has read all of it
 * before; the last operation reads what there is in the end.
 *
 * <p>The workload asks the database for read committed, so that is what to judge it for. {@code
 * :ok} is whatever was acknowledged, also what takes its place in the list only later. {@code
 * :info} is where nobody can say: its process died, or the caller got 08007. A run that has {@link
 * FaultKind#TAIL_LOST lost the tail} may have shown what is gone, and with intent keys an element
 * is sent several times and appended once, which the workload does not know; {@link #isJudgeable}
 * says so.
 */
public final class EdnHistory {

  /** One line: at its place in the history. */
  private record Line(long moment, Told told, String type) {}

  private final SimulatedRun run;
  private final Map<String, Integer> processes = new HashMap<>();
  private int lastProcess;

  /** Of a run that is over. */
  public EdnHistory(SimulatedRun run) {
    this.run = run;
  }

  /** Whether everything that was read was meant to stay, and each element sent once. */
  public boolean isJudgeable() {
    return !run.chaos().hasLostTail() && !run.has(Habit.INTENDED);
  }

  /** Writes it to a file named after its seed, and returns that. */
  public Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    return Files.writeString(directory.resolve("seed-%d.edn".formatted(run.seed())), toString());
  }

  @Override
  public String toString() {
    List<Line> lines = new ArrayList<>();
    for (Told told : run.history().told()) {
      lines.add(new Line(told.begun(), told, "invoke"));
      lines.add(new Line(told.ended(), told, outcome(told)));
    }
    lines.sort(Comparator.comparingLong(Line::moment));
    StringBuilder text = new StringBuilder();
    long index = 0;
    for (Line line : lines) {
      append(text, index++, line.type(), process(line), value(line));
    }
    append(text, index++, "invoke", lastProcess, "[[:r :events nil]]");
    append(text, index, "ok", lastProcess, "[[:r :events %s]]".formatted(vector(run.events())));
    return text.toString();
  }

  private static String outcome(Told told) {
    if (told.receipt() != null) {
      return "ok";
    }
    return told.isAmbiguous() ? "info" : "fail";
  }

  /** Who ends with {@code :info} never comes back: its next operation is another process's. */
  private int process(Line line) {
    String client = line.told().node() + "/" + line.told().client();
    int process = processes.computeIfAbsent(client, any -> lastProcess++);
    if (line.type().equals("info")) {
      processes.remove(client);
    }
    return process;
  }

  private static String value(Line line) {
    Work work = line.told().work();
    List<String> steps = new ArrayList<>();
    if (work.reads()) {
      boolean known = line.type().equals("ok");
      steps.add("[:r :events %s]".formatted(known ? read(line.told()) : "nil"));
    }
    if (work.kind() != Work.Kind.READ) {
      steps.add("[:append :events %s]".formatted(quoted(work.name())));
    }
    return "[" + String.join(" ", steps) + "]";
  }

  private static String read(Told told) {
    return vector(Objects.requireNonNull(told.read(), "an acknowledged reader has read"));
  }

  private static String vector(List<String> names) {
    return names.stream().map(EdnHistory::quoted).collect(Collectors.joining(" ", "[", "]"));
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }

  private static void append(
      StringBuilder text, long index, String type, int process, String value) {
    text.append(
        "{:index %d, :type :%s, :process %d, :f :txn, :value %s}%n"
            .formatted(index, type, process, value));
  }
}
