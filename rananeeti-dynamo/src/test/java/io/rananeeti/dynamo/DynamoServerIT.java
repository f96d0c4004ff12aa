package io.rananeeti.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rananeeti.testkit.DynamoServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * The kit's DynamoDB can be killed, paused, stopped and started again, and loses nothing that it
 * answered but in a kill.
 */
class DynamoServerIT {

  @TempDir Path directory;

  @Test
  void keepsWhatItAnsweredOverARestartAndRunsAgainAfterAKill() {
    try (DynamoServer server = DynamoServer.builder().directory(directory).start();
        DynamoDbClient client = client(server, Duration.ofSeconds(30))) {
      URI endpoint = server.endpoint();
      createTable(client);
      put(client, "tea");

      server.kill();
      assertThat(server.isRunning()).isFalse();
      server.start();
      put(client, "mate");
      server.restart();

      assertThat(drink(client)).isEqualTo("mate");
      assertThat(server.endpoint()).isEqualTo(endpoint);
    }

    try (DynamoServer server = DynamoServer.builder().directory(directory).start();
        DynamoDbClient client = client(server, Duration.ofSeconds(30))) {
      assertThat(drink(client)).isEqualTo("mate");
    }
  }

  @Test
  void answersNothingWhileItIsPausedAndGoesOnAfterwards() {
    try (DynamoServer server = DynamoServer.builder().directory(directory).inMemory(true).start();
        DynamoDbClient client = client(server, Duration.ofSeconds(30));
        DynamoDbClient impatient = client(server, Duration.ofMillis(300))) {
      createTable(client);
      put(client, "tea");

      server.pause();
      assertThat(server.isRunning()).isTrue();
      assertThatExceptionOfType(SdkClientException.class).isThrownBy(() -> drink(impatient));
      server.resume();

      assertThat(drink(client)).isEqualTo("tea");
    }
  }

  @Test
  void listensOnLoopbackOnly() throws Exception {
    List<InetAddress> others =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> !address.isLoopbackAddress())
            .toList();
    assumeThat(others).as("addresses of this machine beside loopback").isNotEmpty();
    try (DynamoServer server = DynamoServer.builder().directory(directory).inMemory(true).start()) {
      assertThat(others).noneMatch(address -> accepts(address, server.port()));
      assertThat(accepts(InetAddress.getLoopbackAddress(), server.port())).isTrue();
    }
  }

  private static boolean accepts(InetAddress address, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 2_000);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static void createTable(DynamoDbClient client) {
    client.createTable(
        table ->
            table
                .tableName("drinks")
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(
                    KeySchemaElement.builder().attributeName("id").keyType(KeyType.HASH).build())
                .attributeDefinitions(
                    AttributeDefinition.builder()
                        .attributeName("id")
                        .attributeType(ScalarAttributeType.S)
                        .build()));
  }

  private static void put(DynamoDbClient client, String drink) {
    client.putItem(
        item ->
            item.tableName("drinks")
                .item(
                    Map.of("id", AttributeValue.fromS("a"), "drink", AttributeValue.fromS(drink))));
  }

  private static String drink(DynamoDbClient client) {
    Map<String, AttributeValue> item =
        client
            .getItem(
                get ->
                    get.tableName("drinks")
                        .key(Map.of("id", AttributeValue.fromS("a")))
                        .consistentRead(true))
            .item();
    return item.getOrDefault("drink", AttributeValue.fromS("none")).s();
  }

  private static DynamoDbClient client(DynamoServer server, Duration limit) {
    return DynamoDbClient.builder()
        .endpointOverride(server.endpoint())
        .region(Region.of(server.region()))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(server.accessKey(), server.secretKey())))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(
            configuration -> configuration.apiCallTimeout(limit).apiCallAttemptTimeout(limit))
        .build();
  }
}
