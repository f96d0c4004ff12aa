package io.rananeeti.aurora;

import io.rananeeti.TransactionId;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * What a new physical connection has to show, besides that its server is a writer, where the
 * platform keeps transactions (R2, R3). Thread-safe; keeps no state.
 */
final class FrontierProof {

  private final StoreHost host;

  FrontierProof(StoreHost host) {
    this.host = host;
  }

  /**
   * Before the first use of a connection.
   *
   * @param frontier as it was before the writer was asked: what is raised meanwhile is no sign of a
   *     stale one
   * @throws SQLException 08001 if its writer lacks what was acknowledged, and the platform knows
   *     now; 55R09 if it is no writer
   */
  void prove(Connection connection, Frontier frontier, Writer writer) throws SQLException {
    if (!host.retains()) {
      return;
    }
    refuseStale(frontier, writer);
    if (lacks(connection, frontier, writer)) {
      host.behind(writer);
      throw new SQLTransientConnectionException(
          "the writer lacks transactions that were acknowledged", "08001");
    }
    host.proven(writer);
  }

  /**
   * Tells the platform if the writer that a probe has found lacks what was acknowledged.
   *
   * @param frontier as above
   * @throws SQLException 55R09 if it is no writer
   */
  void look(Connection connection, Frontier frontier, Writer writer) throws SQLException {
    if (host.retains()) {
      refuseStale(frontier, writer);
      if (lacks(connection, frontier, writer)) {
        host.behind(writer);
      }
    }
  }

  private static void refuseStale(Frontier frontier, Writer writer) throws SQLException {
    if (frontier.excludes(writer)) {
      throw new SQLTransientConnectionException(
          "the writer that answers is on a stale branch, epoch=%d seen=%d"
              .formatted(writer.epoch(), frontier.epoch()),
          Frontier.STALE_BRANCH);
    }
  }

  private static boolean lacks(Connection connection, Frontier frontier, Writer writer)
      throws SQLException {
    return frontier.asked()
        && (!frontier.admits(writer) || !lacking(connection, frontier.ids()).isEmpty());
  }

  /** Those of these that the ledger has no row of, and can't have deleted the row either. */
  static Set<TransactionId> lacking(Connection connection, Collection<TransactionId> ids)
      throws SQLException {
    return ask(connection, ids, Ledger.LACKING, 1);
  }

  /** The same, and those that were refused. */
  static Set<TransactionId> notApplied(Connection connection, Collection<TransactionId> ids)
      throws SQLException {
    return ask(connection, ids, Ledger.NOT_APPLIED, 2);
  }

  private static Set<TransactionId> ask(
      Connection connection, Collection<TransactionId> ids, String question, int times)
      throws SQLException {
    Set<TransactionId> lacking = new HashSet<>();
    if (ids.isEmpty()) {
      return lacking;
    }
    try (PreparedStatement statement = connection.prepareStatement(question)) {
      for (int i = 0; i < times; i++) {
        statement.setArray(
            2 * i + 1,
            connection.createArrayOf(
                "uuid", ids.stream().map(TransactionId::incarnation).toArray()));
        statement.setArray(
            2 * i + 2,
            connection.createArrayOf("bigint", ids.stream().map(TransactionId::number).toArray()));
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          lacking.add(new TransactionId(rows.getObject(1, UUID.class), rows.getLong(2)));
        }
      }
    }
    return lacking;
  }
}
