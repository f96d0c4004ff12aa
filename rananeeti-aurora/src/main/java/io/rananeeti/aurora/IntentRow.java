package io.rananeeti.aurora;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Intent;
import io.rananeeti.store.IntentHolder;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.UUID;

/** How an intent stands in its table. Keys are bytes there, whatever the database can encode. */
final class IntentRow {

  private IntentRow() {}

  static byte[] key(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  static String key(ResultSet row, int column) throws SQLException {
    return new String(row.getBytes(column), StandardCharsets.UTF_8);
  }

  static byte[] digest(Intent intent) {
    return HexFormat.of().parseHex(intent.digest());
  }

  /** Of three columns: digest, incarnation, number. */
  static IntentHolder holder(ResultSet row, int first) throws SQLException {
    return new IntentHolder(
        new TransactionId(row.getObject(first + 1, UUID.class), row.getLong(first + 2)),
        HexFormat.of().formatHex(row.getBytes(first)));
  }
}
