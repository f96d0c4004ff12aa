package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.UpdateCounts;
import java.sql.SQLClientInfoException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ClientInfoTest {

  private final ClientInfo info = new ClientInfo();

  @Test
  void saysWhatWasSetUntilTheTransactionIsOver() throws Exception {
    set("rananeeti.ordering-key", "k");
    set("rananeeti.defer", "false");
    set("rananeeti.update-counts", "unverified");
    set("rananeeti.trace-parent", "00-1-2-3");

    assertThat(info.orderingKey()).isEqualTo("k");
    assertThat(info.defer()).isFalse();
    assertThat(info.updateCounts()).isEqualTo(UpdateCounts.UNVERIFIED);
    assertThat(info.traceParent()).isEqualTo("00-1-2-3");
    info.transactionIsOver();
    assertThat(info.all()).isEmpty();
    assertThat(info.orderingKey()).isNull();
    assertThat(info.defer()).isNull();
    assertThat(info.updateCounts()).isNull();
  }

  @Test
  void takesOneSpellingOfAnEnumAndItsName() throws Exception {
    set("rananeeti.update-counts", "promise-one");
    assertThat(info.updateCounts()).isEqualTo(UpdateCounts.PROMISE_ONE);

    set("rananeeti.update-counts", "REFUSE");
    assertThat(info.updateCounts()).isEqualTo(UpdateCounts.REFUSE);
  }

  @Test
  void anIntentKeyIsATextThatAllNodesReadAlike() throws Exception {
    set("rananeeti.intent-key", "request \u0928 4711");
    assertThat(info.intentKey()).isEqualTo("request \u0928 4711");

    for (String none : new String[] {"", " ", "half \ud83c", "x".repeat(256)}) {
      assertThatThrownBy(() -> set("rananeeti.intent-key", none))
          .isInstanceOf(SQLClientInfoException.class);
    }
    assertThat(info.intentKey()).isEqualTo("request \u0928 4711");
    info.transactionIsOver();
    assertThat(info.intentKey()).isNull();
  }

  @Test
  void aNullTakesAValueAway() throws Exception {
    set("rananeeti.ordering-key", "k");

    set("rananeeti.ordering-key", null);

    assertThat(info.orderingKey()).isNull();
  }

  @Test
  void propertiesReplaceAllThatWasSet() throws Exception {
    set("rananeeti.ordering-key", "k");
    Properties all = new Properties();
    all.setProperty("rananeeti.defer", "true");

    info.setAll(all);

    assertThat(info.orderingKey()).isNull();
    assertThat(info.defer()).isTrue();
  }

  @Test
  void whoChangesTheCopyChangesNothing() throws Exception {
    set("rananeeti.ordering-key", "k");

    info.all().clear();

    assertThat(info.get("rananeeti.ordering-key")).isEqualTo("k");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertRefused("rananeeti.order-key", "k");
    assertRefused("ApplicationName", "cafe");
    assertRefused("rananeeti.defer", "yes");
    assertRefused("rananeeti.update-counts", "maybe");
    assertRefused("rananeeti.ordering-key", "x".repeat(256));
  }

  private void assertRefused(String name, String value) {
    assertThatThrownBy(() -> set(name, value))
        .isInstanceOf(SQLClientInfoException.class)
        .hasMessageContaining(name);
    assertThat(info.all()).isEmpty();
  }

  private void set(String name, @Nullable String value) throws SQLClientInfoException {
    info.set(name, value);
  }
}
