package io.rananeeti.s3;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.auth.aws.scheme.AwsV4AuthScheme;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.IdentityProviders;

/**
 * Signs requests by a clock of ours, and those of a {@link Fence} so that S3 refuses them once its
 * time is over. Thread-safe; the fence is that of the calling thread.
 *
 * <p>The signature is in the query, which is the only form that has an end of its own; a signature
 * in the header is good for a quarter of an hour. Such a request leaves its payload unsigned, as a
 * presigned URL does: the header with its SHA-256 is signed, and S3 compares the payload with that.
 * The SDK signs a payload in any case where there is no TLS, so it is shown the request as one with
 * TLS, which changes nothing that is signed.
 */
final class ExpiringSigner implements AwsV4HttpSigner {

  /** Within which requests are good: S3 refuses those that arrive later. */
  record Fence(Instant signed, Duration valid) {

    Instant until() {
      return signed.plus(valid);
    }
  }

  private static final ThreadLocal<@Nullable Fence> CURRENT = new ThreadLocal<>();

  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final Clock clock;

  ExpiringSigner(Clock clock) {
    this.clock = clock;
  }

  /** Signs all that this thread sends by this fence, until {@link #leave}. */
  static void enter(Fence fence) {
    CURRENT.set(fence);
  }

  static void leave() {
    CURRENT.remove();
  }

  @Override
  public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
    return sign(request, CURRENT.get());
  }

  private <T extends AwsCredentialsIdentity> SignedRequest sign(
      SignRequest<T> request, @Nullable Fence fence) {
    SignRequest.Builder<T> own = request.toBuilder();
    if (fence == null) {
      // The SDK would set its clock by S3's, and nobody would learn that this machine's is off.
      return signer.sign(own.putProperty(HttpSigner.SIGNING_CLOCK, clock).build());
    }
    String protocol = request.request().protocol();
    SignedRequest signed =
        signer.sign(
            own.request(request.request().toBuilder().protocol("https").build())
                .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(fence.signed(), ZoneOffset.UTC))
                .putProperty(AUTH_LOCATION, AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                .putProperty(EXPIRATION_DURATION, fence.valid())
                .putProperty(CHUNK_ENCODING_ENABLED, false)
                .putProperty(PAYLOAD_SIGNING_ENABLED, false)
                .build());
    return signed.toBuilder()
        .request(signed.request().toBuilder().protocol(protocol).build())
        .build();
  }

  @Override
  public CompletableFuture<AsyncSignedRequest> signAsync(
      AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
    return signer.signAsync(request);
  }

  /** The scheme of the SDK's with this signer. */
  AwsV4AuthScheme scheme() {
    AwsV4AuthScheme usual = AwsV4AuthScheme.create();
    return new AwsV4AuthScheme() {
      @Override
      public String schemeId() {
        return usual.schemeId();
      }

      @Override
      public IdentityProvider<AwsCredentialsIdentity> identityProvider(IdentityProviders all) {
        return usual.identityProvider(all);
      }

      @Override
      public AwsV4HttpSigner signer() {
        return ExpiringSigner.this;
      }
    };
  }
}
