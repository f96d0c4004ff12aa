package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.AuditEntry;
import io.rananeeti.Availability;
import io.rananeeti.DeadLetters.ParkedKey;
import io.rananeeti.Outcome;
import io.rananeeti.Receipt;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a person does with dead letters, and what remains known of it. */
final class DeadLetterDecisionsTest extends PlatformRules {

  private static final String POISON = "arsenic";

  DeadLetterDecisionsTest() {}

  @Test
  void aCorrectedLetterIsAppliedBeforeWhatItParked() throws Exception {
    Receipt poison = parkedByPoison();

    Receipt retry =
        platform()
            .deadLetters()
            .retry(poison.id(), "ann", "tea was meant", replacing("tea instead"));
    manual().drain();

    assertThat(orders()).containsExactly("k1=tea instead", "k2=tea", "k3=tea");
    assertThat(platform().outcome(poison.id())).isEqualTo(Outcome.REPLACED);
    assertThat(platform().outcome(retry.id())).isEqualTo(Outcome.APPLIED);
    assertThat(platform().deadLetters().list()).isEmpty();
    assertThat(platform().auditTrail())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.action()).isEqualTo("retry-corrected");
              assertThat(entry.transaction()).isEqualTo(poison.id());
              assertThat(entry.replacedBy()).isEqualTo(retry.id());
              assertThat(entry.by()).isEqualTo("ann");
              assertThat(entry.reason()).isEqualTo("tea was meant");
            });
    assertThat(Files.readString(trail())).doesNotContain(POISON).doesNotContain("tea instead");
  }

  @Test
  void aCorrectionOutlivesTheMachineAndIsAppliedOnce() throws Exception {
    Receipt poison = parkedByPoison();
    quietOutage();
    platform().deadLetters().retry(poison.id(), "ann", "tea was meant", replacing("tea instead"));

    manual().crash(WORST);
    reopen();
    recover();

    assertThat(orders()).containsExactly("k1=tea instead", "k2=tea", "k3=tea");
    assertThat(platform().auditTrail())
        .extracting(AuditEntry::action)
        .containsExactly("retry-corrected");
  }

  @Test
  void aCorrectionThatCanNotBeAppliedIsRefusedAndTheLetterStays() throws Exception {
    Receipt poison = parkedByPoison();

    refused(poison, operations -> List.of(), "discard the letter to give it up");
    refused(
        poison,
        operations -> List.of(operations.get(0).withSql("INSERT INTO orders VALUES (?, ?, ?)")),
        "operation 1: its text has 3 parameters, and 2 are given");
    refused(
        poison,
        operations -> List.of(operations.get(0).withSql("SELECT * FROM orders")),
        "operation 1: its text is no INSERT, UPDATE, DELETE or MERGE");
    refused(
        poison,
        operations -> List.of(operations.get(0).withSql("INSERT INTO orders VALUES (?, now()::x)")),
        "operation 1: ");
    refused(
        poison,
        operations ->
            List.of(operations.get(0).with(0, 2, Parameter.of(Kind.OBJECT, new Object()))),
        "");

    assertThat(platform().deadLetters().get(poison.id())).isPresent();
    assertThat(orders()).isEmpty();
    assertThat(platform().auditTrail()).isEmpty();
  }

  private void refused(Receipt poison, UnaryOperator<List<Operation>> correction, String why) {
    assertThatThrownBy(() -> platform().deadLetters().retry(poison.id(), "ann", "?", correction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void parkedKeysSayBehindWhatHowManyWait() throws Exception {
    Receipt poison = parkedByPoison();
    assertThat(platform().deadLetters().parked())
        .containsExactly(new ParkedKey(ManualPlatform.STORE, "k", List.of(poison.id()), 2));

    quietOutage();
    keyed("k", "k4", "tea");
    keyed("other", "o1", "tea");
    Receipt retry = platform().deadLetters().retry(poison.id(), "ann", "again");

    assertThat(platform().deadLetters().parked())
        .containsExactly(new ParkedKey(ManualPlatform.STORE, "k", List.of(retry.id()), 3));

    database.faults().refuse(row -> false);
    recover();
    assertThat(platform().deadLetters().parked()).isEmpty();
  }

  @Test
  void nobodyDecidesWithoutANameAndAReason() throws Exception {
    Receipt poison = parkedByPoison();

    assertThatThrownBy(() -> platform().deadLetters().retry(poison.id(), "", "why"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> platform().deadLetters().discard(poison.id(), "ann", "\n"))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(platform().deadLetters().get(poison.id())).isPresent();
  }

  @Test
  void theLineOfADecisionIsWrittenAtTheNextOpenIfACrashCameBeforeIt() throws Exception {
    Receipt poison = parkedByPoison();
    platform().deadLetters().discard(poison.id(), "ann", "not for our \"guests\"\n");
    manual().drain();
    List<AuditEntry> before = platform().auditTrail();
    manual().crash(WORST);
    Files.delete(trail());
    Files.writeString(trail(), "{\"at\":\"20", StandardOpenOption.CREATE_NEW);

    reopen();

    assertThat(before).hasSize(1);
    assertThat(platform().auditTrail()).isEqualTo(before);
    assertThat(Files.readAllLines(trail())).hasSize(2);
    assertThat(Files.getPosixFilePermissions(trail()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));

    manual().crash(WORST);
    reopen();
    assertThat(platform().auditTrail()).isEqualTo(before);
  }

  @Test
  void aTrailThatCanNotBeWrittenIsAnAlarmAndWrittenLater() throws Exception {
    Receipt poison = parkedByPoison();
    Files.createDirectory(trail());

    platform().deadLetters().discard(poison.id(), "ann", "not for our guests");

    assertThat(manual().health().alarms()).anyMatch(alarm -> alarm.contains("audit.jsonl"));
    assertThat(platform().deadLetters().list()).isEmpty();

    Files.delete(trail());
    manual().drain();
    manual().ticking(this::holdAndRelease);
    assertThat(platform().auditTrail())
        .extracting(AuditEntry::action)
        .containsExactly("discard", "hold", "release");
    assertThat(manual().health().alarms()).isEmpty();
  }

  private boolean holdAndRelease() {
    platform().hold(ManualPlatform.STORE, "ann", "drill");
    platform().release(ManualPlatform.STORE, "ann", "done");
    return true;
  }

  /** Key k is parked behind a letter, with two transactions. */
  private Receipt parkedByPoison() throws Exception {
    open();
    quietOutage();
    Receipt poison = keyed("k", "k1", POISON);
    keyed("k", "k2", "tea");
    keyed("k", "k3", "tea");
    database.faults().refuse(row -> row.values().contains(POISON));
    database.faults().heal();
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    return poison;
  }

  private static UnaryOperator<List<Operation>> replacing(String item) {
    return operations -> {
      List<Operation> corrected = new ArrayList<>(operations);
      corrected.set(0, operations.get(0).with(0, 2, Parameter.of(Kind.STRING, item)));
      return corrected;
    };
  }

  private Path trail() {
    return manual().directory().resolve("audit.jsonl");
  }
}
