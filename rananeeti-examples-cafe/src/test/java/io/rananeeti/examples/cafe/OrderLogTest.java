package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.TransactionId;
import io.rananeeti.examples.cafe.OrderEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OrderLogTest {

  private static final String NUMBER = "0123456789abcdef0123";
  private static final Instant NOON = Instant.parse("2030-05-17T12:00:00.123456789Z");

  @TempDir private Path directory;
  private OrderLog log;

  @BeforeEach
  void open() throws IOException {
    log = OrderLog.open(directory.resolve("orders"), Clock.fixed(NOON, ZoneOffset.UTC));
  }

  @Test
  void tellsAfterARestartWhatHappened() throws IOException {
    log.note(NUMBER, Kind.PLACED, "2\t2030-05-17T19:30\tfalse\tAnn\tone\nline \\n and\ttabs\r");
    log.note(NUMBER, Kind.ACCEPTED, "some:1");

    open();

    assertThat(log.knows(NUMBER)).isTrue();
    assertThat(log.events(NUMBER))
        .containsExactly(
            new OrderEvent(
                NOON, Kind.PLACED, "2\t2030-05-17T19:30\tfalse\tAnn\tone\nline \\n and\ttabs\r"),
            new OrderEvent(NOON, Kind.ACCEPTED, "some:1"));
  }

  @Test
  void knowsNothingOfOrdersThatNeverWere() {
    assertThat(log.knows(NUMBER)).isFalse();
    assertThat(log.events(NUMBER)).isEmpty();
  }

  @Test
  void takesNoNumberThatCouldBeAPath() {
    assertThatThrownBy(() -> log.knows("../../../../etc/pass"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLineThatACrashHasCutIsNoEvent() throws IOException {
    log.note(NUMBER, Kind.PLACED, "x");

    Files.writeString(file(), "2030-05-17T12:00", StandardOpenOption.APPEND);
    log.note(NUMBER, Kind.FAILED, "lost with the line before");
    log.note(NUMBER, Kind.STORED, "some:1");

    assertThat(log.events(NUMBER))
        .extracting(OrderEvent::kind)
        .containsExactly(Kind.PLACED, Kind.STORED);
  }

  @Test
  void onlyTheOwnerCanReadIt() throws IOException {
    log.note(NUMBER, Kind.PLACED, "x");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void acceptedOrdersAreFoundAfterARestart() throws IOException {
    Path file = directory.resolve("accepted");
    TransactionId id = new TransactionId(UUID.randomUUID(), 7);

    AcceptedOrders.open(file).add(id, NUMBER);

    assertThat(AcceptedOrders.open(file).number(id)).contains(NUMBER);
  }

  @Test
  void acceptedOrdersForgetTheOldestBeyondTheirLimit() throws IOException {
    Path file = directory.resolve("accepted");
    UUID incarnation = UUID.randomUUID();
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= AcceptedOrders.LIMIT + 2; i++) {
      lines.append(new TransactionId(incarnation, i)).append(' ').append(NUMBER).append('\n');
    }
    Files.writeString(file, lines, UTF_8);

    AcceptedOrders orders = AcceptedOrders.open(file);

    assertThat(orders.number(new TransactionId(incarnation, 2))).isEmpty();
    assertThat(orders.number(new TransactionId(incarnation, 3))).contains(NUMBER);
    List<String> kept = Files.readAllLines(file);
    assertThat(kept).hasSize(AcceptedOrders.LIMIT);
    assertThat(AcceptedOrders.open(file).number(new TransactionId(incarnation, 3)))
        .contains(NUMBER);
  }

  private Path file() {
    return directory.resolve("orders").resolve("01").resolve(NUMBER + ".log");
  }
}
