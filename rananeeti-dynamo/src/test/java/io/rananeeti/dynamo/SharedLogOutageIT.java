package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.testkit.DynamoServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DynamoDB dies, hangs and comes back under the log of a node, and then the node is taken over. */
class SharedLogOutageIT {

  private static final String PLATFORM = "cafe";

  @TempDir Path directory;

  @Test
  void goesOnOverTheDeathOfDynamoAndThenOfItsOwner() throws Exception {
    try (DynamoServer server = DynamoServer.builder().directory(directory).start();
        DynamoLogStorage storage = DynamoLogStorageIT.at(server).build();
        DynamoLogStorage impatient =
            DynamoLogStorageIT.at(server).timeout(Duration.ofSeconds(1)).build()) {
      SharedLog first = open(impatient, "first");
      first.force(first.append(copied(1)));
      outlives(first, 2, server, server::stop);
      outlives(first, 3, server, server::pause);

      SharedLog.seal(storage, PLATFORM, 1, "another node", Seams.system());

      assertThatExceptionOfType(LogFailedException.class)
          .isThrownBy(() -> first.force(first.append(copied(4))))
          .withMessageContaining("taken over by another node");
      SharedLog second = open(storage, "second");
      second.force(second.append(copied(5)));
      second.close();
      assertThat(copies(storage)).containsExactly(1L, 2L, 3L, 5L);
    }
  }

  private static void outlives(SharedLog log, long number, DynamoServer server, Runnable outage)
      throws Exception {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    long sequence = log.append(copied(number));
    outage.run();
    Thread waiting = new Thread(() -> log.force(sequence));
    waiting.setUncaughtExceptionHandler((dead, failure) -> failures.add(failure));
    waiting.start();
    DynamoFixture.await(() -> !log.warnings().isEmpty());
    assertThat(log.warnings()).anyMatch(warning -> warning.contains("can't be reached"));
    server.resume();
    server.start();
    waiting.join();
    assertThat(failures).isEmpty();
    assertThat(log.forced()).isEqualTo(sequence);
    assertThat(log.warnings()).isEmpty();
  }

  private static SharedLog open(DynamoLogStorage storage, String owner) {
    SharedLogOptions options = SharedLogOptions.of(owner).withPatience(Duration.ofMinutes(5));
    return SharedLog.open(storage, PLATFORM, 1, options, Seams.system());
  }

  private static LogRecord copied(long upTo) {
    return new LogRecord.Copied(upTo, 0);
  }

  private static List<Long> copies(DynamoLogStorage storage) throws Exception {
    List<Long> copies = new ArrayList<>();
    SharedLogReader reader = SharedLogReader.of(storage, PLATFORM, 1, 1);
    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
      for (LogEntry entry : batch.entries()) {
        if (entry.record() instanceof LogRecord.Copied copied) {
          copies.add(copied.upTo());
        }
      }
    }
    return copies;
  }
}
