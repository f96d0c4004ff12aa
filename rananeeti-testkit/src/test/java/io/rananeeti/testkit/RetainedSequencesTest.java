package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.PlatformConnection;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * R4: what a sequence gave to the application, it gives to nobody else, whatever a writer lacks.
 */
final class RetainedSequencesTest extends PlatformRules {

  RetainedSequencesTest() {}

  @Test
  void aWriterThatLacksDrawsGivesNoneOfThemAgain() throws Exception {
    database.createSequence("s");
    open(settings -> settings.retain(Duration.ofHours(1)));
    Set<String> given = new HashSet<>();
    numbered(given);
    manual().await("values are leased", () -> database.lastValue("s") > 1);
    database.lagStandby(true);
    for (int i = 0; i < 5; i++) {
      numbered(given); // Behind all that is leased, so no lease moves the sequence past it.
    }

    database.promoteStandby("writer-2");
    manual().await("the loss is noticed", () -> appliedAgain() == 5);
    manual().drain();
    for (int i = 0; i < 5; i++) {
      manual()
          .ticking(
              () -> {
                numbered(given);
                return true;
              });
    }

    assertThat(orders()).hasSize(11);
    assertThat(manual().health().alarms()).isEmpty();
  }

  @Test
  void whoDrawsAheadKeepsWhatWasDrawn() throws Exception {
    database.createSequence("s");
    open(settings -> settings.retain(Duration.ofHours(1)));
    database.lagStandby(true);
    List<String> block = new ArrayList<>();
    try (PlatformConnection connection = manual().connect()) {
      for (int i = 0; i < 50; i++) {
        block.add(next(connection)); // Each in a transaction of its own, which writes nothing.
      }
    }
    order(block.get(0), "tea");

    manual().kill();
    database.promoteStandby("writer-2");
    reopen();
    manual().awaitState(Availability.UP);

    assertThat(orders()).containsExactly(block.get(0) + "=tea");
    try (PlatformConnection connection = manual().connect()) {
      assertThat(block).doesNotContain(next(connection));
    }
  }

  /** A row with a number that nobody else has. */
  private void numbered(Set<String> given) throws SQLException {
    commit(
        connection -> {
          String number = next(connection);
          assertThat(given.add(number)).as("%s for the first time", number).isTrue();
          insert(connection, INSERT, number, "tea");
        });
  }

  private static String next(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT nextval('s')")) {
      rows.next();
      return rows.getString(1);
    }
  }

  private long appliedAgain() {
    return Objects.requireNonNull(manual().health().tail()).appliedAgain();
  }

  @Test
  void anOperationHasToAnswerWhatWasAnswered() throws Exception {
    database.createSequence("s");
    InMemorySession session = new InMemorySession(database, null, null);
    Operation draw =
        new Operation("SELECT nextval('s')", false, List.of(List.of()), List.of(Operation.ANY));
    Operation first = draw.answering(List.of(List.of(Parameter.of(Kind.INT64, 1L))));

    InMemoryOperations.run(session, List.of(first));

    assertThatThrownBy(() -> InMemoryOperations.run(session, List.of(draw, first)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.sqlState()).isEqualTo(Refusal.BROKEN_PROMISE));
    session.close();
  }
}
