package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.rananeeti.AuditEntry;
import io.rananeeti.DeadLetter;
import io.rananeeti.DeadLetters;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dead letters that a person corrects, on a real server. */
@Tag(DropInFixture.OUTAGE)
class DeadLetterRetryIT extends DropInFixture {

  DeadLetterRetryIT() {}

  @Test
  void aCorrectedParameterIsAppliedBeforeWhatTheLetterParked() throws Exception {
    DeadLetter letter = refusedInsert();
    assertThat(items()).isEmpty();
    assertThat(letters().parked())
        .singleElement()
        .satisfies(
            parked -> {
              assertThat(parked.orderingKey()).isEqualTo("k");
              assertThat(parked.behind()).containsExactly(letter.id());
              assertThat(parked.waiting()).isEqualTo(1);
            });

    letters()
        .retry(
            letter.id(),
            "ann",
            "cake was meant",
            first(operation -> operation.with(0, 2, Parameter.of(Kind.STRING, "cake"))));
    assertThat(platform.drain(STALL)).isTrue();

    assertThat(items()).containsExactly("1=cake and tea");
    assertThat(letters().list()).isEmpty();
    assertThat(letters().parked()).isEmpty();
    assertThat(platform.auditTrail())
        .extracting(AuditEntry::action, AuditEntry::by, AuditEntry::reason)
        .containsExactly(tuple("retry-corrected", "ann", "cake was meant"));
  }

  @Test
  void aCorrectionThatIsRefusedAgainIsALetterAgain() throws Exception {
    DeadLetter letter = refusedInsert();

    letters()
        .retry(
            letter.id(),
            "ann",
            "a typing error",
            first(operation -> operation.withSql("INSERT INTO items (id, nam) VALUES (?, ?)")));
    await("the next letter", () -> isAnotherLetter(letter));
    DeadLetter next = letters().list().get(0);
    assertThat(next.sqlState()).isEqualTo("42703");
    assertThat(items()).isEmpty();

    letters()
        .retry(
            next.id(),
            "ann",
            "now without",
            first(
                operation ->
                    operation.withSql(
                        "INSERT INTO items (id, name) SELECT CAST(? AS int), lower(CAST(? AS text)) || '?'")));
    assertThat(platform.drain(STALL)).isTrue();

    assertThat(items()).containsExactly("1=arsenic? and tea");
    assertThat(platform.auditTrail()).hasSize(2);
  }

  @Test
  void aBrokenPromiseIsAppliedOnceItIsTakenBack() throws Exception {
    outage();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      insert(connection, 1, "tea");
      assertThat(run(connection, "UPDATE items SET name = 'none' WHERE id = 77")).isEqualTo(1);
      connection.commit();
    }
    server.start();
    await("the letter", () -> letters().list().size() == 1);
    DeadLetter letter = letters().list().get(0);
    assertThat(letter.sqlState()).isEqualTo("44R01");

    letters()
        .retry(
            letter.id(),
            "ann",
            "nobody needs that update",
            operations -> List.of(operations.get(0), operations.get(1).unpromised()));
    assertThat(platform.drain(STALL)).isTrue();

    assertThat(items()).containsExactly("1=tea");
    assertThat(letters().list()).isEmpty();
  }

  /** A letter of key k, behind which an update of the same row waits. */
  private DeadLetter refusedInsert() throws Exception {
    server.execute("ALTER TABLE items ADD CONSTRAINT harmless CHECK (name <> 'arsenic')");
    outage();
    keyed(connection -> insert(connection, 1, "arsenic"));
    keyed(connection -> run(connection, "UPDATE items SET name = name || ' and tea' WHERE id = 1"));
    server.start();
    await("the letter", () -> letters().list().size() == 1);
    awaitUp();
    return letters().list().get(0);
  }

  /** What is done in a transaction. */
  @FunctionalInterface
  private interface Work {
    int on(Connection connection) throws SQLException;
  }

  private void keyed(Work work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.ordering-key", "k");
      work.on(connection);
      connection.commit();
    }
  }

  private boolean isAnotherLetter(DeadLetter before) {
    List<DeadLetter> now = letters().list();
    return now.size() == 1 && !now.get(0).id().equals(before.id());
  }

  private static UnaryOperator<List<Operation>> first(UnaryOperator<Operation> correction) {
    return operations -> {
      List<Operation> corrected = new ArrayList<>(operations);
      corrected.set(0, correction.apply(operations.get(0)));
      return corrected;
    };
  }

  private DeadLetters letters() {
    return platform.deadLetters();
  }
}
