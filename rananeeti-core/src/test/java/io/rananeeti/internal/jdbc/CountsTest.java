package io.rananeeti.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Operation;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

final class CountsTest {

  @Test
  void aBatchAnswersACountForEachRow() {
    assertThat(Counts.of(new int[] {1, 0, 2}, -1, 3)).containsExactly(1L, 0L, 2L);
    assertThat(Counts.of(new long[] {5_000_000_000L}, -1, 1)).containsExactly(5_000_000_000L);
  }

  @Test
  void aCountThatTheDriverDoesNotKnowIsAny() {
    assertThat(Counts.of(new int[] {Statement.SUCCESS_NO_INFO, 1}, -1, 2))
        .containsExactly(Operation.ANY, 1L);
    assertThat(Counts.of(null, -1, 1)).containsExactly(Operation.ANY);
  }

  @Test
  void aSingleCallAnswersTheUpdateCount() {
    assertThat(Counts.of(7, 7, 1)).containsExactly(7L);
    assertThat(Counts.of(false, 0, 1)).containsExactly(0L);
  }

  @Test
  void aCountTooLargeForAnIntIsTheLargest() {
    assertThat(Counts.narrow(new long[] {5_000_000_000L, 3, Statement.SUCCESS_NO_INFO}))
        .containsExactly(Integer.MAX_VALUE, 3, Statement.SUCCESS_NO_INFO);
    assertThat(Counts.same(2, 1)).containsExactly(1L, 1L);
  }
}
