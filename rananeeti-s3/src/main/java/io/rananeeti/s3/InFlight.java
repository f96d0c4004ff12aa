package io.rananeeti.s3;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Knows which requests are on their way, so that whoever waits for an answer stops waiting at once
 * when the store is found to be gone. Thread-safe.
 */
final class InFlight implements SdkHttpClient {

  private final SdkHttpClient client;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private static final ThreadLocal<@Nullable Call> CURRENT = new ThreadLocal<>();

  InFlight(SdkHttpClient client) {
    this.client = client;
  }

  /** Makes a call of the SDK; it can be ended from any thread. */
  <T> T run(Call call, Supplier<T> request) {
    calls.add(call);
    CURRENT.set(call);
    try {
      return request.get();
    } finally {
      CURRENT.remove();
      calls.remove(call);
    }
  }

  /** Ends all calls that are on their way. */
  void endAll() {
    calls.forEach(Call::end);
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    ExecutableHttpRequest prepared = client.prepareRequest(request);
    Call call = CURRENT.get();
    return call == null ? prepared : new Tracked(call, prepared);
  }

  @Override
  public String clientName() {
    return client.clientName();
  }

  @Override
  public void close() {
    client.close();
  }

  /** One call of the SDK: one request, or several where it tries again. Thread-safe. */
  static final class Call {

    private volatile boolean ended;
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile @Nullable ExecutableHttpRequest request;

    /** How many requests were sent. */
    int attempts() {
      return attempts.get();
    }

    void end() {
      ended = true;
      ExecutableHttpRequest sent = request;
      if (sent != null) {
        sent.abort();
      }
    }

    private void begin(ExecutableHttpRequest next) {
      request = next;
      if (ended) {
        throw AbortedException.create("the store was severed");
      }
      attempts.incrementAndGet();
    }
  }

  /** A request that its call knows. */
  private record Tracked(Call owner, ExecutableHttpRequest request)
      implements ExecutableHttpRequest {

    @Override
    public HttpExecuteResponse call() throws IOException {
      owner.begin(request);
      return request.call();
    }

    @Override
    public void abort() {
      request.abort();
    }
  }
}
