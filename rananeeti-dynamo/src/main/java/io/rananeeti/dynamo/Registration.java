package io.rananeeti.dynamo;

import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/** Makes this log known in the ledger (I2, I3). Each step may be repeated. Used by one thread. */
final class Registration {

  private final DynamoStore.Opened store;

  Registration(DynamoStore.Opened store) {
    this.store = store;
  }

  /** Does it all; see {@link io.rananeeti.store.Store#register}. */
  void run(Set<UUID> known, boolean adopt) throws SQLException, StoreException {
    new LedgerTable(store.database(), store.table()).ensure();
    checkVersion();
    Set<UUID> unknown = unknown(known);
    if (!unknown.isEmpty() && !adopt) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.ANOTHER_HISTORY,
          "the ledger does not know %d of the %d incarnations of this log, first=%s: the table was made anew or restored; decide whether to adopt it"
              .formatted(unknown.size(), known.size(), unknown.iterator().next()),
          null);
    }
    for (UUID incarnation : known) {
      if (unknown.contains(incarnation)) {
        add(incarnation);
      } else {
        renew(incarnation);
      }
    }
    add(store.host().incarnation());
    set(probe(store.host().incarnation()), "SET seen = :seen", Map.of(":seen", store.now()));
  }

  /** The item that the probe writes. */
  static Map<String, AttributeValue> probe(UUID incarnation) {
    return Ledger.key("probe/" + incarnation, Ledger.ONLY);
  }

  private void checkVersion() throws SQLException, StoreException {
    Map<String, AttributeValue> item =
        set(
            Ledger.key("version", Ledger.ONLY),
            "SET version = if_not_exists(version, :version)",
            Map.of(":version", Ledger.number(Ledger.VERSION)));
    AttributeValue version = item.get("version");
    if (version == null || !Integer.toString(Ledger.VERSION).equals(version.n())) {
      throw new StoreException(
          Failure.ENVIRONMENT,
          Failures.UNKNOWN_VERSION,
          "the ledger has version %s, this platform speaks %d: upgrade the older of the two"
              .formatted(version == null ? "?" : version.n(), Ledger.VERSION),
          null);
    }
  }

  private Set<UUID> unknown(Set<UUID> known) throws SQLException {
    Set<UUID> unknown = new TreeSet<>();
    for (UUID incarnation : known) {
      boolean found =
          store
              .database()
              .ask(
                  "register",
                  client ->
                      client.getItem(
                          request ->
                              request
                                  .tableName(store.table())
                                  .key(directory(incarnation))
                                  .consistentRead(true)))
              .hasItem();
      if (!found) {
        unknown.add(incarnation);
      }
    }
    return unknown;
  }

  static Map<String, AttributeValue> directory(UUID incarnation) {
    return Ledger.key(Ledger.INCARNATIONS, incarnation.toString());
  }

  private void add(UUID incarnation) throws SQLException {
    for (int part = 0; part < Ledger.PARTS; part++) {
      set(
          Ledger.key(Ledger.partition(incarnation, part), Ledger.ONLY),
          "SET settled_below = if_not_exists(settled_below, :zero)",
          Map.of(":zero", Ledger.number(0)));
    }
    set(
        directory(incarnation),
        "SET platform = :platform, log_id = :log, seen_at = :seen",
        Map.of(
            ":platform", Ledger.text(store.host().platform()),
            ":log", Ledger.text(store.host().logId().toString()),
            ":seen", store.now()));
  }

  /** What this log still asks for is not forgotten by others (F2). */
  private void renew(UUID incarnation) throws SQLException {
    set(
        directory(incarnation),
        "SET seen_at = :seen, log_id = if_not_exists(log_id, :log)",
        Map.of(":seen", store.now(), ":log", Ledger.text(store.host().logId().toString())));
  }

  private Map<String, AttributeValue> set(
      Map<String, AttributeValue> key, String update, Map<String, AttributeValue> values)
      throws SQLException {
    return store
        .database()
        .ask(
            "register",
            client ->
                client.updateItem(
                    request ->
                        request
                            .tableName(store.table())
                            .key(key)
                            .updateExpression(update)
                            .expressionAttributeValues(values)
                            .returnValues(ReturnValue.ALL_NEW)))
        .attributes();
  }
}
