package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.error.LogFailedException;
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
import org.junit.jupiter.api.Test;

/** The log in DynamoDB does what the one on disk does, and outlives DynamoDB's death. */
@SuppressWarnings("NullAway.Init")
class SharedLogIT extends TransactionLogContract {

  private static final long MAX_BYTES = 1L << 30;

  private static DynamoServer server;

  private final String platform = "p" + UUID.randomUUID();
  private final DynamoLogStorage storage = DynamoLogStorageIT.at(server).table("contract").build();
  private @Nullable SharedLog opened;

  @BeforeAll
  static void start() {
    server = DynamoServer.builder().start();
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
    return open(false);
  }

  private SharedLog open(boolean takeOver) {
    SharedLogOptions options =
        new SharedLogOptions("contract", MAX_BYTES, 256 << 20, Duration.ofSeconds(60), takeOver);
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

  @Test
  void goesOnOverTheDeathOfDynamoAndOfItsOwner() throws Exception {
    assumeThat(server.canBeKilled()).isTrue();
    SharedLog first = open(true);
    first.force(first.append(mark(1)));
    long second = first.append(mark(2));
    server.kill();
    Thread waiting = new Thread(() -> first.force(second));
    waiting.start();
    server.start();
    waiting.join();
    assertThat(first.forced()).isEqualTo(second);

    SharedLog owner = open(true);

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> first.force(first.append(mark(3))))
        .withMessageContaining("taken over");
    owner.force(owner.append(mark(4)));
    assertThat(entries(owner, 1)).extracting(entry -> entry.record()).contains(mark(1), mark(2));
    assertThat(entries(owner, 1)).extracting(entry -> entry.record()).doesNotContain(mark(3));
    owner.close();
  }
}
