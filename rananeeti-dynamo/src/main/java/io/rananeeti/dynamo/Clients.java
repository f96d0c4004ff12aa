package io.rananeeti.dynamo;

import io.rananeeti.aws.internal.Access;
import io.rananeeti.aws.internal.InFlight;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/** Makes the SDK's client. */
final class Clients {

  private Clients() {}

  static Database open(Access access) {
    InFlight http = access.http(access.callTimeout());
    DynamoDbClientBuilder builder =
        DynamoDbClient.builder()
            .httpClient(http)
            .overrideConfiguration(access.limits(Access.oneRepetition()).build());
    access.tell(builder::region, builder::endpointOverride, builder::credentialsProvider);
    return new Database(builder.build(), http);
  }
}
