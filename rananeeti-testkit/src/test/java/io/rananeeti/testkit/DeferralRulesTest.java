package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Deferral;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What may wait in the log is the application's say. */
final class DeferralRulesTest extends PlatformRules {

  DeferralRulesTest() {}

  @Test
  void markedTransactionsOnlyAreAcceptedWhereThatIsSaid() throws Exception {
    open(builder -> builder.deferral(Deferral.MARKED));
    quietOutage();

    assertThat(deferring("a", "true").status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertRefused(null);
    assertRefused("false");
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.defer", "true");
      insert(connection, INSERT, "b", "tea");
      connection.commit();
      assertThat(Objects.requireNonNull(connection.receipt()).status())
          .isEqualTo(Receipt.Status.ACCEPTED);
      assertThatThrownBy(() -> insert(connection, INSERT, "c", "the mark is gone"))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"));
    }

    recover();
    assertThat(orders()).containsExactly("a=tea", "b=tea");
  }

  @Test
  void noneIsNoneWhateverATransactionSays() throws Exception {
    open(builder -> builder.deferral(Deferral.NONE));
    quietOutage();

    assertRefused("true");
    assertRefused(null);

    recover();
    assertThat(orders()).isEmpty();
    assertThat(deferring("a", null).status()).isEqualTo(Receipt.Status.APPLIED);
  }

  @Test
  void aVetoMeetsAnOutageAsWithoutThePlatform() throws Exception {
    open();
    quietOutage();

    assertRefused("false");
    assertThatThrownBy(
            () ->
                commit(
                    connection -> {
                      insert(connection, INSERT, "a", "recorded before the veto");
                      connection.setClientInfo("rananeeti.defer", "false");
                    }))
        .hasMessageContaining("the transaction may not be deferred")
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"));

    assertThat(deferring("b", null).status()).isEqualTo(Receipt.Status.ACCEPTED);
    recover();
    assertThat(orders()).containsExactly("b=tea");
  }

  /** What it did can be run again only on another connection, and none comes. */
  @Test
  void aVetoedTransactionWhoseConnectionBreaksIsToldToRunAgain() throws Exception {
    open();
    try (PlatformConnection connection = manual().connect()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.defer", "false");
      insert(connection, INSERT, "a", "tea");
      database.faults().unreachable(true);

      assertThatThrownBy(() -> manual().ticking(() -> insert(connection, INSERT, "b", "tea")))
          .satisfies(e -> assertThat(stateOf(e)).isEqualTo("40001"));
    }

    recover();
    assertThat(orders()).isEmpty();
  }

  private void assertRefused(@Nullable String defer) {
    assertThatThrownBy(() -> deferring("never", defer))
        .hasMessageContaining("the transaction may not be deferred")
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"));
  }

  private Receipt deferring(String id, @Nullable String defer) throws SQLException {
    return commit(
        connection -> {
          connection.setClientInfo("rananeeti.defer", defer);
          insert(connection, INSERT, id, "tea");
        });
  }
}
