package io.rananeeti.aws.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.store.Failure;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

final class ServiceFailuresTest {

  private final Post post = new Post();

  @Test
  void whatIsNotAnsweredIsUnreachable() {
    assertUnreachable(ApiCallTimeoutException.create(1), "did not answer in time");
    assertUnreachable(ApiCallAttemptTimeoutException.create(1), "did not answer in time");
    assertUnreachable(AbortedException.create("severed"), "is out of reach");
    assertUnreachable(
        SdkClientException.create("broken", new IllegalStateException(new IOException("reset"))),
        "can't be reached");
    assertUnreachable(answer(503, "Unavailable"), "answered 503");
    assertUnreachable(answer(400, "CutShort"), "answered 400");
  }

  private void assertUnreachable(SdkException failure, String words) {
    SQLException told = post.failure("post", failure);

    assertThat((Throwable) told).hasMessageStartingWith("post: ").hasMessageContaining(words);
    assertThat(told.getSQLState()).isEqualTo("08006");
    assertThat((Throwable) told).hasCause(failure);
    assertThat(post.meaning(told)).isEqualTo(Failure.UNREACHABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "429, Throttling, 53000, UNREACHABLE",
    "400, Busy, 53000, UNREACHABLE",
    "403, Stranger, 28000, ENVIRONMENT",
    "400, KMSDisabled, 58000, ENVIRONMENT",
    "400, Unheard, XX000, UNCLEAR"
  })
  void anAnswerMeansWhatItsCodeSays(int status, String code, String state, Failure meaning) {
    SQLException told = post.failure("post", answer(status, code));

    assertThat(told.getSQLState()).isEqualTo(state);
    assertThat(post.meaning(told)).isEqualTo(meaning);
  }

  @Test
  void missingCredentialsAreNoOutage() {
    SQLException told =
        post.failure("post", SdkClientException.create("Unable to load credentials"));

    assertThat(told.getSQLState()).isEqualTo("28000");
    assertThat(post.meaning(told)).isEqualTo(Failure.ENVIRONMENT);
  }

  @Test
  void aRefusalOfAnOwnRequestSaysNothingOfTheApplications() {
    assertThat(post.meaning(state("23514"))).isEqualTo(Failure.REFUSED);
    assertThat(post.ownMeaning(state("23514"))).isEqualTo(Failure.ENVIRONMENT);
    assertThat(post.ownMeaning(state("XX000"))).isEqualTo(Failure.ENVIRONMENT);
    assertThat(post.ownMeaning(state("08006"))).isEqualTo(Failure.UNREACHABLE);
    assertThat(post.ownMeaning(state("40001"))).isEqualTo(Failure.RETRY);
  }

  @Test
  void historyAndTheServicesOwnStatesAreTheEnvironment() {
    for (String state :
        Set.of(
            ServiceFailures.ANOTHER_HISTORY,
            ServiceFailures.STALE_LOG,
            ServiceFailures.UNKNOWN_VERSION,
            "55R99")) {
      assertThat(post.meaning(state(state))).isEqualTo(Failure.ENVIRONMENT);
    }
    assertThat(post.meaning(new SQLException("none"))).isEqualTo(Failure.UNCLEAR);
  }

  private static SQLException state(String state) {
    return new SQLException("x", state);
  }

  private static AwsServiceException answer(int status, String code) {
    return AwsServiceException.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("x").build())
        .build();
  }

  /** A service of three codes. */
  private static final class Post extends ServiceFailures {

    Post() {
      super(new Service("Post", "1", "post"), Set.of("55R99"), Set.of("Stranger"));
    }

    @Override
    protected String codeOf(AwsServiceException answer) {
      return answer.awsErrorDetails().errorCode();
    }

    @Override
    protected boolean isThrottled(AwsServiceException answer, String code) {
      return code.equals("Busy");
    }

    @Override
    protected boolean isNoAnswer(AwsServiceException answer, String code) {
      return code.equals("CutShort");
    }

    @Override
    protected SQLException refused(String step, String code, AwsServiceException answer) {
      return other(step, code, "box");
    }
  }
}
