package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EdnHistoryTest {

  private static final int SEEDS = 60;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  EdnHistoryTest() {}

  @Test
  void everyOperationBeginsAndEndsOnceAndInOrder() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Map<Object, Object> open = new HashMap<>();
      Set<Object> gone = new HashSet<>();
      long index = 0;
      for (Map<Object, Object> operation : written(seed)) {
        Object process = operation.get(":process");
        assertThat(operation).containsEntry(":index", index++).containsEntry(":f", ":txn");
        assertThat(gone).as("seed=%d", seed).doesNotContain(process);
        if (":invoke".equals(operation.get(":type"))) {
          assertThat(open.put(process, shape(operation))).as("seed=%d", seed).isNull();
        } else {
          assertThat(open.remove(process)).as("seed=%d", seed).isEqualTo(shape(operation));
          assertThat(operation.get(":type")).isIn(":ok", ":fail", ":info");
        }
        if (":info".equals(operation.get(":type"))) {
          gone.add(process);
        }
      }
      assertThat(open).as("seed=%d", seed).isEmpty();
    }
  }

  @Test
  void everyReadIsABeginningOfTheLastOneAndEveryElementIsAppendedOnce() throws Exception {
    long reads = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      List<Map<Object, Object>> operations = written(seed);
      List<?> all = reads(operations.get(operations.size() - 1)).get(0);
      Set<Object> appended = new HashSet<>();
      boolean judgeable = run(seed).isJudgeable();
      for (Map<Object, Object> operation : operations) {
        if (":invoke".equals(operation.get(":type"))) {
          steps(operation, ":append")
              .forEach(step -> assertThat(appended.add(step.get(2)) || !judgeable).isTrue());
        }
        for (List<?> read : judgeable ? reads(operation) : List.<List<?>>of()) {
          assertThat(read).as("seed=%d", seed).isEqualTo(all.subList(0, read.size()));
          reads++;
        }
      }
      assertThat(appended).as("seed=%d", seed).containsAll(all);
    }
    assertThat(reads).isGreaterThan(SEEDS);
  }

  private static EdnHistory run(long seed) {
    Campaign.silence();
    try (Directories directories = new Directories()) {
      SimulatedRun run = new SimulatedRun(seed, false, directories);
      run.run();
      assertThat(run.complaints()).as("seed=%d", seed).isEmpty();
      return new EdnHistory(run);
    }
  }

  private List<Map<Object, Object>> written(long seed) throws Exception {
    Path file = run(seed).write(directory);
    return Files.readAllLines(file).stream().map(line -> new EdnReader(line).map()).toList();
  }

  private static List<?> shape(Map<Object, Object> operation) {
    return list(operation.get(":value")).stream()
        .map(EdnHistoryTest::list)
        .map(step -> step.get(0).equals(":r") ? step.subList(0, 2) : step)
        .toList();
  }

  private static List<List<?>> reads(Map<Object, Object> operation) {
    return ":ok".equals(operation.get(":type"))
        ? steps(operation, ":r").stream().<List<?>>map(step -> list(step.get(2))).toList()
        : List.of();
  }

  private static List<List<?>> steps(Map<Object, Object> operation, String verb) {
    return list(operation.get(":value")).stream()
        .<List<?>>map(EdnHistoryTest::list)
        .filter(step -> step.get(0).equals(verb))
        .toList();
  }

  private static List<?> list(@Nullable Object value) {
    return (List<?>) Objects.requireNonNull(value);
  }
}
