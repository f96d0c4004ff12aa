package io.rananeeti.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What the platform keeps in memory does not grow with what it has done. */
final class MemoryTest {

  private static final long SEED = 1;
  private static final int LENGTH = 2_400;
  private static final int TRANSACTIONS = 11_000;
  private static final int OUTCOMES = 10_000;
  private static final int FEW = 600;
  private static final int FILES = 3 * 32;
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(25);
  private static final Pattern LINE =
      Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+(io\\.rananeeti\\.[\\w.$]+).*");

  MemoryTest() {}

  @Test
  void afterManyTransactionsOnlyTheLastOutcomesAreKept() {
    Campaign.silence();
    List<Long> found = new ArrayList<>();
    try (Directories directories = new Directories()) {
      SimulatedRun run =
          SimulatedRun.longer(SEED, directories, LENGTH, resting -> look(resting, found));

      run.run();

      assertThat(run.complaints()).isEmpty();
    }
    System.out.println("[memory] transactions, ids, other objects, appends: " + found);
    assertThat(found.get(0)).as("transactions").isGreaterThan(TRANSACTIONS);
    assertThat(found.get(1)).as("ids").isBetween(1L, (long) OUTCOMES + FEW);
    assertThat(found.get(2)).as("other objects of the platform").isBetween(1L, (long) FEW);
    assertThat(found.get(3)).as("appends on disk").isLessThan(FILES);
  }

  private static void look(SimulatedRun run, List<Long> found) {
    run.simulation().sleep(HOUSEKEEPING);
    found.add((long) run.history().told().size());
    run.forgetTold();
    found.add(live("io.rananeeti.TransactionId"::equals));
    found.add(live(name -> name.matches("io\\.rananeeti\\.(internal|store|log)\\..*")));
    found.add(run.nodes().stream().mapToLong(node -> node.disk().appends()).sum());
  }

  /** How many objects of these classes can be reached. */
  private static long live(Predicate<String> named) {
    return histogram()
        .lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(line -> named.test(line.group(2)))
        .mapToLong(line -> Long.parseLong(line.group(1)))
        .sum();
  }

  private static String histogram() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "gcClassHistogram",
                  new Object[] {new String[0]},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException(e);
    }
  }
}
