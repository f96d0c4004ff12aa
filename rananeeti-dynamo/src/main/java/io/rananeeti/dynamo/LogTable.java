package io.rananeeti.dynamo;

import java.io.IOException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;

/** Makes the table, where the credentials may; else says how a person does. Thread-safe. */
record LogTable(String name, DynamoDbClient client) {

  private static final String COMMAND =
      "aws dynamodb create-table --table-name %1$s --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=%2$s,AttributeType=S AttributeName=%3$s,AttributeType=N --key-schema AttributeName=%2$s,KeyType=HASH AttributeName=%3$s,KeyType=RANGE";

  /**
   * Asks for the table if there is none. It may be usable only some seconds later.
   *
   * @return false if somebody else was faster
   * @throws IOException if it may not be made from here
   */
  boolean make() throws IOException {
    try {
      client.createTable(description());
      return true;
    } catch (ResourceInUseException exists) {
      return false;
    } catch (AwsServiceException refused) {
      throw new IOException(
          "DynamoDB has no table %s, and it can't be made from here (%s); run: %s"
              .formatted(name, FailureText.code(refused), command()),
          refused);
    } catch (SdkException failure) {
      throw FailureText.of(failure, "making of table " + name);
    }
  }

  /** Whether it can be used now. */
  boolean isActive() throws IOException {
    try {
      return client.describeTable(table -> table.tableName(name)).table().tableStatus()
          == TableStatus.ACTIVE;
    } catch (ResourceNotFoundException notYet) {
      return false;
    } catch (SdkException failure) {
      throw FailureText.of(failure, "table " + name);
    }
  }

  /** What a person runs in place of {@link #make()}. */
  String command() {
    return COMMAND.formatted(name, DynamoLogStorage.PARTITION, DynamoLogStorage.KEY);
  }

  private CreateTableRequest description() {
    return CreateTableRequest.builder()
        .tableName(name)
        .billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(
            attribute(DynamoLogStorage.PARTITION, ScalarAttributeType.S),
            attribute(DynamoLogStorage.KEY, ScalarAttributeType.N))
        .keySchema(
            key(DynamoLogStorage.PARTITION, KeyType.HASH), key(DynamoLogStorage.KEY, KeyType.RANGE))
        .build();
  }

  private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
    return AttributeDefinition.builder().attributeName(name).attributeType(type).build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }
}
