package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Failure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class ClassifierTest {

  @ParameterizedTest
  @CsvSource({
    "08000, UNREACHABLE",
    "08001, UNREACHABLE",
    "08003, UNREACHABLE",
    "08006, UNREACHABLE",
    "08007, UNREACHABLE",
    "08S01, UNREACHABLE",
    "08S02, UNREACHABLE",
    "08S03, UNREACHABLE",
    "57P01, UNREACHABLE",
    "57P02, UNREACHABLE",
    "57P03, UNREACHABLE",
    "57P05, UNREACHABLE",
    "53100, UNREACHABLE",
    "53200, UNREACHABLE",
    "53300, UNREACHABLE",
    "25006, UNREACHABLE",
    "25P03, UNREACHABLE",
    "40003, UNREACHABLE",
    "40001, RETRY",
    "40P01, RETRY",
    "55P03, RETRY",
    "57014, UNCLEAR",
    "57000, UNCLEAR",
    "55006, RETRY",
    "22001, REFUSED",
    "22P02, REFUSED",
    "23505, REFUSED",
    "23514, REFUSED",
    "42P01, REFUSED",
    "42501, REFUSED",
    "44000, REFUSED",
    "P0001, REFUSED",
    "0A000, REFUSED",
    "21000, REFUSED",
    "25001, REFUSED",
    "2F003, REFUSED",
    "38000, REFUSED",
    "39001, REFUSED",
    "XX000, ENVIRONMENT",
    "XX001, ENVIRONMENT",
    "28P01, ENVIRONMENT",
    "3D000, ENVIRONMENT",
    "3F000, ENVIRONMENT",
    "57P04, ENVIRONMENT",
    "58030, ENVIRONMENT",
    "F0000, ENVIRONMENT"
  })
  void tellsByTheSqlState(String state, Failure meaning) {
    assertThat(Classifier.classify(new SQLException("no", state))).isEqualTo(meaning);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ZZ999", "99999", "72000"})
  void whatNoRuleNamesIsUnclear(String state) {
    assertThat(Classifier.classify(new SQLException("no", state))).isEqualTo(Failure.UNCLEAR);
  }

  @Test
  void anythingThatTimedOutDidNotAnswer() {
    assertThat(Classifier.classify(new SQLTimeoutException("late", "57014")))
        .isEqualTo(Failure.UNREACHABLE);
    assertThat(Classifier.classify(new SQLException("late", "XX000", new SocketTimeoutException())))
        .isEqualTo(Failure.UNREACHABLE);
  }

  @Test
  void aFailureWithoutSqlStateDidNotAnswer() {
    assertThat(Classifier.classify(new SQLTransientConnectionException("pool")))
        .isEqualTo(Failure.UNREACHABLE);
    assertThat(Classifier.classify(new SQLException("closed", new IOException("reset"))))
        .isEqualTo(Failure.UNREACHABLE);
  }

  @Test
  void theSqlStateOfTheCauseCounts() {
    SQLException wrapped = new SQLException("wrapped", new SQLException("no", "23505"));

    assertThat(Classifier.classify(wrapped)).isEqualTo(Failure.REFUSED);
  }

  @Test
  void theServersOwnClientThatCannotConnectIsNoOutageOfTheServer() {
    assertThat(Classifier.classify(answer("ERROR", "08001"))).isEqualTo(Failure.RETRY);
    assertThat(Classifier.classify(answer("ERROR", "08P01"))).isEqualTo(Failure.REFUSED);
    assertThat(Classifier.classify(answer("FATAL", "08P01"))).isEqualTo(Failure.UNREACHABLE);
  }

  @Test
  void aSessionThatTheServerEndedIsBroken() {
    assertThat(Classifier.breaks(answer("FATAL", "28000"))).isTrue();
    assertThat(Classifier.breaks(answer("FATAL", "42P05"))).isTrue();
    assertThat(Classifier.classify(answer("FATAL", "42P05"))).isEqualTo(Failure.UNREACHABLE);
  }

  @Test
  void aSessionThatWasOnlyRefusedIsNotBroken() {
    assertThat(Classifier.breaks(answer("ERROR", "23505"))).isFalse();
    assertThat(Classifier.breaks(answer("ERROR", "53100"))).isFalse();
    assertThat(Classifier.breaks(answer("ERROR", "XX000"))).isFalse();
    assertThat(Classifier.breaks(new SQLException("no such method", "0A000"))).isFalse();
  }

  @Test
  void aStatementOfOursIsNeverRefused() {
    assertThat(Classifier.classifyOwn(new SQLException("no", "42P01")))
        .isEqualTo(Failure.ENVIRONMENT);
    assertThat(Classifier.classifyOwn(new SQLException("cancelled", "57014")))
        .isEqualTo(Failure.ENVIRONMENT);
    assertThat(Classifier.classifyOwn(new SQLException("no", "40001"))).isEqualTo(Failure.RETRY);
  }

  @Test
  void onlyOurConstraintSaysSettledOtherwise() {
    assertThat(Classifier.settledOtherwise(violation("rananeeti", "ledger_identity"))).isTrue();
    assertThat(Classifier.settledOtherwise(violation("public", "ledger_identity"))).isFalse();
    assertThat(Classifier.settledOtherwise(violation("rananeeti", "orders_pkey"))).isFalse();
    assertThat(Classifier.settledOtherwise(new PSQLException("broken", PSQLState.IO_ERROR)))
        .isFalse();
  }

  @Test
  void aSerializationFailureOfCommitItselfIsTheTransactionsOwn() {
    assertThat(Classifier.settledOtherwise(serialization("PreCommit_CheckForSerializationFailure")))
        .isFalse();
    assertThat(Classifier.settledOtherwise(serialization("ExecCheckTupleVisible"))).isTrue();
  }

  @Test
  void theAnswerWithinABatchIsFound() {
    SQLException batch =
        new BatchUpdateException(
            "batch", "23505", 0, new int[0], violation("rananeeti", "ledger_identity"));

    assertThat(Classifier.settledOtherwise(batch)).isTrue();
  }

  private static PSQLException answer(String severity, String state) {
    return server("S" + severity, "V" + severity, "C" + state, "Mno");
  }

  private static PSQLException violation(String schema, String constraint) {
    return server("SERROR", "VERROR", "C23505", "Mno", "s" + schema, "n" + constraint);
  }

  private static PSQLException serialization(String routine) {
    return server("SERROR", "VERROR", "C40001", "Mno", "R" + routine);
  }

  private static PSQLException server(String... fields) {
    return new PSQLException(new ServerErrorMessage(String.join("\0", fields) + "\0"));
  }
}
