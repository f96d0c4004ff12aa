package io.rananeeti.aws.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.aws.internal.InFlight.Call;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

final class InFlightTest {

  private final Wire wire = new Wire();
  private final InFlight inFlight = new InFlight(wire);

  @Test
  void endsWhatIsOnItsWay() {
    Call call = new Call();

    int attempts =
        inFlight.run(
            call,
            () -> {
              send();
              inFlight.endAll();
              return call.attempts();
            });

    assertThat(attempts).isEqualTo(1);
    assertThat(wire.aborted).hasValue(1);
  }

  @Test
  void sendsNothingMoreOfACallThatWasEnded() {
    Call call = new Call();
    call.end();

    assertThatThrownBy(() -> inFlight.run(call, this::send)).isInstanceOf(AbortedException.class);

    assertThat(call.attempts()).isZero();
    assertThat(wire.sent).hasValue(0);
  }

  @Test
  void leavesACallThatHasItsAnswerAlone() {
    Call call = new Call();
    inFlight.run(call, this::send);

    inFlight.endAll();

    assertThat(wire.aborted).hasValue(0);
    assertThat(inFlight.run(call, this::send)).isTrue();
    assertThat(call.attempts()).isEqualTo(2);
  }

  @Test
  void tellsItsOwnEndFromAFailure() {
    SdkClientException failure = SdkClientException.create("broken");

    assertThatThrownBy(() -> fail(failure)).isSameAs(failure);

    inFlight.close();
    assertThatThrownBy(() -> fail(failure))
        .isInstanceOf(AbortedException.class)
        .hasMessageContaining("closed")
        .hasCause(failure);
  }

  private void fail(SdkClientException failure) {
    inFlight.run(
        new Call(),
        () -> {
          throw failure;
        });
  }

  private boolean send() {
    try {
      return inFlight
          .prepareRequest(HttpExecuteRequest.builder().build())
          .call()
          .httpResponse()
          .isSuccessful();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Answers at once, and counts. */
  private static final class Wire implements SdkHttpClient {

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() {
          sent.incrementAndGet();
          return HttpExecuteResponse.builder()
              .response(SdkHttpResponse.builder().statusCode(200).build())
              .build();
        }

        @Override
        public void abort() {
          aborted.incrementAndGet();
        }
      };
    }

    @Override
    public void close() {}
  }
}
