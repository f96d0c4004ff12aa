package io.rananeeti.dynamo;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveDescription;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;

/** The ledger's table: looks for it, and makes it where that is allowed. Used by one thread. */
final class LedgerTable {

  private static final Logger LOG = LoggerFactory.getLogger(LedgerTable.class);

  private final Database database;
  private final String table;

  LedgerTable(Database database, String table) {
    this.database = database;
    this.table = table;
  }

  /** What a person runs who may make it. */
  String commands() {
    return """
        aws dynamodb create-table --table-name %1$s --billing-mode PAY_PER_REQUEST \\
          --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S \\
          --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE
        aws dynamodb update-time-to-live --table-name %1$s \\
          --time-to-live-specification Enabled=true,AttributeName=expires_at
        """
        .formatted(table);
  }

  /**
   * Makes sure of it.
   *
   * @throws StoreException {@link Failure#ENVIRONMENT} with the commands if it may not be made
   */
  void ensure() throws SQLException, StoreException {
    TableDescription found = database.describe(table);
    if (found == null) {
      found = create();
    }
    if (found == null || found.tableStatus() == TableStatus.CREATING) {
      throw new SQLTransientConnectionException(
          "the ledger's table %s is being made".formatted(table), "08006");
    }
    check(found);
    expire();
  }

  private @Nullable TableDescription create() throws SQLException, StoreException {
    CreateTableRequest request =
        CreateTableRequest.builder()
            .tableName(table)
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .attributeDefinitions(attribute(Ledger.PK), attribute(Ledger.SK))
            .keySchema(key(Ledger.PK, KeyType.HASH), key(Ledger.SK, KeyType.RANGE))
            .build();
    try {
      database.ask("create table " + table, client -> client.createTable(request));
      LOG.info("made the ledger's table {}", table);
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw new StoreException(
            Failure.ENVIRONMENT,
            Failures.NO_LEDGER,
            "the ledger's table %s is missing and may not be made with these credentials; run once:\n%s"
                .formatted(table, commands()),
            null);
      }
      if (!"40001".equals(e.getSQLState())) { // Another node makes it just now.
        throw e;
      }
    }
    return database.describe(table);
  }

  private static AttributeDefinition attribute(String name) {
    return AttributeDefinition.builder()
        .attributeName(name)
        .attributeType(ScalarAttributeType.S)
        .build();
  }

  private static KeySchemaElement key(String name, KeyType type) {
    return KeySchemaElement.builder().attributeName(name).keyType(type).build();
  }

  private void check(TableDescription found) throws StoreException {
    List<KeySchemaElement> wanted =
        List.of(key(Ledger.PK, KeyType.HASH), key(Ledger.SK, KeyType.RANGE));
    if (!found.keySchema().equals(wanted)) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.NO_LEDGER,
          "table %s is no ledger, its key is another one: give the store another ledgerTable, or make it:\n%s"
              .formatted(table, commands()),
          null);
    }
  }

  /** Without it nothing is lost, but nothing goes away either. */
  private void expire() throws SQLException {
    try {
      TimeToLiveDescription found =
          database
              .ask(
                  "time to live of " + table,
                  client -> client.describeTimeToLive(request -> request.tableName(table)))
              .timeToLiveDescription();
      boolean on =
          found.timeToLiveStatus() == TimeToLiveStatus.ENABLED
              || found.timeToLiveStatus() == TimeToLiveStatus.ENABLING;
      if (!on) {
        database.ask(
            "time to live of " + table,
            client ->
                client.updateTimeToLive(
                    request ->
                        request
                            .tableName(table)
                            .timeToLiveSpecification(
                                to -> to.enabled(true).attributeName(Ledger.EXPIRES_AT))));
      }
    } catch (SQLException e) {
      if (Failures.classify(e) == Failure.UNREACHABLE) {
        throw e;
      }
      LOG.warn(
          "the ledger's table {} grows: whether items expire can't be seen or set with these credentials ({}); run once:\n{}",
          table,
          e.getSQLState(),
          commands());
    }
  }
}
