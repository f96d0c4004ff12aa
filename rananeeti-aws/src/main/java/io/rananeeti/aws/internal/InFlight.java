package io.rananeeti.aws.internal;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Knows which requests are on their way, so that whoever waits for an answer stops waiting at once
 * when the store is found to be gone. Thread-safe.
 */
public final class InFlight implements SdkHttpClient {

  private final SdkHttpClient client;
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private static final ThreadLocal<@Nullable Call> CURRENT = new ThreadLocal<>();
  private volatile boolean closed;

  /** Of the requests that this client sends. */
  public InFlight(SdkHttpClient client) {
    this.client = client;
  }

  /**
   * Makes a call of the SDK; it can be ended from any thread.
   *
   * @throws AbortedException if it was ended, or failed because this was closed
   */
  public <T> T run(Call call, Supplier<T> request) {
    calls.add(call);
    CURRENT.set(call);
    try {
      return request.get();
    } catch (SdkClientException | IllegalStateException e) {
      if (closed) {
        throw AbortedException.create("the store is closed", e);
      }
      throw e;
    } finally {
      CURRENT.remove();
      calls.remove(call);
    }
  }

  /** Ends all calls that are on their way. */
  public void endAll() {
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

  /** Closed before the SDK's clients, it tells their failures from the service's. */
  @Override
  public void close() {
    closed = true;
    client.close();
  }

  /** One call of the SDK: one request, or several where it tries again. Thread-safe. */
  public static final class Call {

    private volatile boolean ended;
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile @Nullable ExecutableHttpRequest request;

    /** How many requests were sent. */
    public int attempts() {
      return attempts.get();
    }

    /** Whoever waits for its answer stops waiting; from any thread. */
    public void end() {
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
