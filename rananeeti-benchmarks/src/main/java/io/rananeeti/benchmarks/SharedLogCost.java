package io.rananeeti.benchmarks;

import io.rananeeti.dynamo.DynamoLogStorage;
import io.rananeeti.dynamo.DynamoLogStorage.Consumed;
import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogRecord;
import io.rananeeti.testkit.DynamoServer;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * What a transaction costs in the shared log on DynamoDB: requests and units as DynamoDB tells
 * them, when so many are forced together, and how fast that is beside one at a time. Groups of all
 * sizes are measured in turns, in one process.
 */
public final class SharedLogCost {

  private static final int ENTRY_BYTES = 512;
  private static final double NANOS = 1e9;

  private final DynamoLogStorage storage;
  private final int rounds;
  private final int groups;
  private final LogRecord entry = Entries.ofSize(ENTRY_BYTES);
  private final List<Sum> sums = List.of(new Sum(1), new Sum(8), new Sum(64));

  private SharedLogCost(DynamoLogStorage storage, int rounds, int groups) {
    this.storage = storage;
    this.rounds = rounds;
    this.groups = groups;
  }

  /** What groups of one size have taken so far. */
  private static final class Sum {
    private final int together;
    private final List<Double> rates = new ArrayList<>();
    private double requests;
    private double units;
    private long transactions;

    private Sum(int together) {
      this.together = together;
    }
  }

  /**
   * Runs it on DynamoDB Local, or on the endpoint of {@code RANANEETI_TEST_DYNAMODB_ENDPOINT}, and
   * prints what it has found.
   *
   * @param arguments rounds, and groups in each; 10 and 20 by default
   */
  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    int groups = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
    try (DynamoServer server = DynamoServer.builder().start();
        DynamoLogStorage storage = storage(server)) {
      new SharedLogCost(storage, rounds, groups).run(System.out);
    }
  }

  private static DynamoLogStorage storage(DynamoServer server) {
    return DynamoLogStorage.builder()
        .endpoint(server.endpoint())
        .region(server.region())
        .credentials(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(server.accessKey(), server.secretKey())))
        .build();
  }

  private void run(PrintStream out) throws IOException {
    SharedLogOptions options = SharedLogOptions.of("cost");
    try (SharedLog log = SharedLog.open(storage, "cost", 1, options, Seams.system())) {
      sums.forEach(sum -> group(log, sum.together));
      for (int round = 0; round < rounds; round++) {
        sums.forEach(sum -> measure(log, sum));
      }
      sums.forEach(sum -> print(out, sum));
      printReading(out, log);
      printRelease(out, log);
    }
  }

  private void group(SharedLog log, int together) {
    long last = 0;
    for (int i = 0; i < together; i++) {
      last = log.append(entry);
    }
    log.force(last);
  }

  private void measure(SharedLog log, Sum sum) {
    Consumed before = storage.consumed();
    long began = System.nanoTime();
    for (int group = 0; group < groups; group++) {
      group(log, sum.together);
    }
    double seconds = (System.nanoTime() - began) / NANOS;
    Consumed after = storage.consumed();
    sum.rates.add(groups * sum.together / seconds);
    sum.transactions += (long) groups * sum.together;
    sum.requests += after.requests() - before.requests();
    sum.units += after.writeUnits() - before.writeUnits();
  }

  private void print(PrintStream out, Sum sum) {
    Quartiles ratio = Quartiles.ofRatios(sum.rates, sums.get(0).rates);
    out.printf(
        "together %2d: round trips a transaction %.3f, write units %.3f, transactions a second %.0f, ratio to one at a time %.1f (%.1f-%.1f)%n",
        sum.together,
        sum.requests / sum.transactions,
        sum.units / sum.transactions,
        Quartiles.of(sum.rates).median(),
        ratio.median(),
        ratio.lower(),
        ratio.upper());
  }

  private void printReading(PrintStream out, SharedLog log) throws IOException {
    Consumed before = storage.consumed();
    SharedLogReader reader = SharedLogReader.of(storage, "cost", 1, 1);
    while (reader.next() != null) {
      // Every batch up to the end.
    }
    Consumed after = storage.consumed();
    out.printf(
        "reading %d entries as another node: round trips %d, read units %.1f%n",
        log.forced(), after.requests() - before.requests(), after.readUnits() - before.readUnits());
  }

  private void printRelease(PrintStream out, SharedLog log) {
    long slots = sums.size() * (1 + (long) rounds * groups) + 1;
    Consumed before = storage.consumed();
    for (long released = 0; released < slots; released += 200) {
      log.release(log.forced());
    }
    Consumed after = storage.consumed();
    out.printf(
        "release of %d entries in %d slots: round trips %d, write units %.1f%n",
        log.forced(),
        slots,
        after.requests() - before.requests(),
        after.writeUnits() - before.writeUnits());
  }
}
