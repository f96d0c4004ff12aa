package io.rananeeti.dynamo;

import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.TransactionLog;
import io.rananeeti.testkit.DynamoServer;
import io.rananeeti.testkit.TransactionLogContract;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The log in DynamoDB does what the one on disk does. */
@SuppressWarnings("NullAway.Init")
class SharedLogIT extends TransactionLogContract {

  private static final long MAX_BYTES = 1L << 30;

  private static DynamoServer server;

  private final String platform = "p" + UUID.randomUUID();
  private final DynamoLogStorage storage = DynamoLogStorageIT.at(server).table("contract").build();
  private @Nullable SharedLog opened;

  @BeforeAll
  static void start() {
    server = DynamoServer.builder().inMemory(true).start();
  }

  @AfterAll
  static void end() {
    server.close();
  }

  @AfterEach
  void closeStorage() {
    storage.close();
  }

  @Override
  protected TransactionLog open() {
    SharedLogOptions options =
        new SharedLogOptions("contract", MAX_BYTES, 256 << 20, Duration.ofSeconds(60), false);
    SharedLog log = SharedLog.open(storage, platform, 1, options, Seams.system());
    opened = log;
    return log;
  }

  @Override
  protected void fill() {
    limitTo(1);
  }

  @Override
  protected void makeRoom() {
    limitTo(MAX_BYTES);
  }

  private void limitTo(long bytes) {
    SharedLog log = opened;
    if (log != null) {
      log.limitTo(bytes);
    }
  }
}
