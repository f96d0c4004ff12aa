package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Durability;
import io.rananeeti.internal.log.DurableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A process with a log on a real disk, killed with SIGKILL, again and again on the same log. */
final class DurableLogKillIT {

  private static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");
  private static final int KILLS = FULL ? 100 : 2;
  private static final int MOST_ENTRIES = 2_000;
  private static final int LARGE = 200_000;

  private static final List<String> STARTS = Collections.synchronizedList(new ArrayList<>());

  private final Written written = new Written();
  private long number;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  DurableLogKillIT() {}

  private enum Moment {
    RANDOM,
    INSIDE_A_DOCUMENT,
    AS_FIRST_OF_ITS_NAMESPACE
  }

  static Stream<Arguments> kindsAndMoments() {
    return Stream.of(StorageKind.CHRONICLE, StorageKind.FILE)
        .flatMap(kind -> Stream.of(Moment.values()).map(moment -> Arguments.of(kind, moment)));
  }

  @ParameterizedTest
  @MethodSource("kindsAndMoments")
  void losesNothingAcknowledgedAndDoublesNothing(StorageKind kind, Moment moment) throws Exception {
    ChildLog.Task task = ChildLog.Task.of(kind, directory).with(4, 0, LARGE);
    if (moment == Moment.AS_FIRST_OF_ITS_NAMESPACE) {
      LoopDisk.assumeNamespaces("a restart under the process id of the one that died");
      task = task.in("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
    }
    List<Long> starts = new ArrayList<>();

    for (int kill = 0; kill < KILLS; kill++) {
      starts.add(
          moment == Moment.INSIDE_A_DOCUMENT
              ? killInsideADocument(task, new Random(kill))
              : killAtAnyTime(task, new Random(kill)));
    }

    int read = verify(kind, moment.toString());
    report(kind, moment, starts, read);
  }

  /** What {@code acknowledge} says at PROCESS was written, and not forced. */
  @ParameterizedTest
  @EnumSource(names = {"CHRONICLE", "FILE"})
  void keepsWhatWasAcknowledgedForTheProcessOnly(StorageKind kind) throws Exception {
    ChildLog.Task task = ChildLog.Task.of(kind, directory).with(4, 0, LARGE).at(Durability.PROCESS);

    for (int kill = 0; kill < (FULL ? 20 : 1); kill++) {
      killAtAnyTime(task, new Random(kill));
    }

    assertThat(verify(kind, "PROCESS")).isPositive();
  }

  @AfterAll
  static void printHowLongStartsTook() {
    STARTS.forEach(System.out::println);
  }

  private long killAtAnyTime(ChildLog.Task task, Random random) throws IOException {
    try (ChildLog child = ChildLog.start(task, nextRange(), written)) {
      long start = millis(child.await("first append", line -> {}));
      child.readAcknowledgements(random.nextInt(MOST_ENTRIES));
      child.kill();
      return start;
    }
  }

  private long killInsideADocument(ChildLog.Task task, Random random) throws IOException {
    ChildLog.Task few = task.with(1, 1 + random.nextInt(40), LARGE);
    try (ChildLog child = ChildLog.start(few, nextRange(), written)) {
      long start = millis(child.await("first append", line -> {}));
      child.await("waiting", line -> {});
      child.say("document");
      child.await("half", line -> {});
      child.kill();
      return start;
    }
  }

  private long nextRange() {
    number += 1_000_000;
    return number;
  }

  private int verify(StorageKind kind, String what) {
    try (DurableLog log = kind.open(directory)) {
      return written.verify(log, what + " kind=" + kind);
    }
  }

  private void report(StorageKind kind, Moment moment, List<Long> starts, int read) {
    List<Long> restarts = new ArrayList<>(starts.subList(1, starts.size()));
    Collections.sort(restarts);
    STARTS.add(
        "kill -9: kind=%s moment=%s kills=%d acknowledged=%d read=%d; first acknowledged append after a restart, from before the open, classes loaded: ms min=%d median=%d max=%d (goal 500)"
            .formatted(
                kind,
                moment,
                starts.size(),
                written.count(),
                read,
                restarts.get(0),
                restarts.get(restarts.size() / 2),
                restarts.get(restarts.size() - 1)));
  }

  private static long millis(String line) {
    return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
  }
}
