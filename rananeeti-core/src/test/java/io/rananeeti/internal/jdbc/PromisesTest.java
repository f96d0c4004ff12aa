package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PromisesTest {

  private static final String UPDATE = "UPDATE t SET version = ? WHERE id = ? AND version = ?";

  private final Promises promises = new Promises();

  @Test
  void whatHasAnsweredNothingElseMayBePromised() {
    promises.answered(UPDATE, 1);
    promises.answered(UPDATE, -2);

    assertThat(promises.mayPromiseOne(UPDATE)).isTrue();
    assertThat(promises.mayPromiseOne("DELETE FROM t")).isTrue();
  }

  @Test
  void whatHasChangedSeveralRowsIsNotPromisedAgain() {
    promises.answered(UPDATE, 2);
    promises.answered(UPDATE, 0);
    promises.answered(UPDATE, 1);

    assertThat(promises.mayPromiseOne(UPDATE)).isFalse();
  }

  @Test
  void aRaceLostOnceForbadeAllVersionedUpdatesInEveryLaterOutage() {
    promises.answered(UPDATE, 0);
    assertThat(promises.mayPromiseOne(UPDATE)).isFalse();

    promises.answered(UPDATE, 1);
    assertThat(promises.mayPromiseOne(UPDATE)).isTrue();
  }
}
