package io.rananeeti.aurora;

import io.rananeeti.store.Failure;
import io.rananeeti.store.Lease;
import io.rananeeti.store.Sequences;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.ValueRange;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Leases values of PostgreSQL's sequences, and reads from the catalog which columns take theirs
 * from one. Thread-safe.
 *
 * <p>A lease is a transaction of its own that calls {@code nextval} so many times: others
 * interleave, and nobody gets what it got. PostgreSQL writes ahead for 32 calls at a time, so a
 * transaction that only calls {@code nextval} may have nothing to flush at its COMMIT while the
 * record that covers its values is another transaction's, not on disk yet. So it writes this log's
 * row in the ledger's schema, too: its COMMIT then waits until all that stands before it in the
 * server's log is on disk, and with the standby.
 */
final class AuroraSequences implements Sequences {

  /** Lends connections of the pool. */
  @FunctionalInterface
  interface Lender {
    void with(String step, Work work) throws StoreException;
  }

  /** What is done on one. */
  @FunctionalInterface
  interface Work {
    void on(Connection connection) throws SQLException, StoreException;
  }

  /** At most this part of what a sequence still has to give is taken at a time. */
  private static final int PART = 1_000;

  /** A sequence that gives nothing any more gives nothing twice. */
  private static final String USED_UP = "2200H";

  private static final int MOST_ADVANCED = 1_000_000;
  private static final int ADVANCED_AT_A_TIME = 50_000;

  /** RESTART and ALTER SEQUENCE change the relfilenode, DROP and CREATE the oid. */
  private static final String STATE =
      "pg_catalog.concat_ws('/', c.oid, c.relfilenode, s.seqincrement)";

  /** Name in full, how it is kept, whether it cycles, what is left, increment, oid, state. */
  private static final String ABOUT =
      "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),"
          + " CAST(c.relpersistence AS pg_catalog.text), s.seqcycle,"
          + " (CASE WHEN s.seqincrement > 0 THEN s.seqmax ELSE s.seqmin END"
          + " - COALESCE(CAST(v.last_value AS pg_catalog.numeric), s.seqstart)) / s.seqincrement, s.seqincrement, CAST(c.oid AS pg_catalog.text), "
          + STATE
          + " FROM pg_catalog.pg_sequence AS s"
          + " JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
          + " LEFT JOIN pg_catalog.pg_sequences AS v"
          + " ON v.schemaname = n.nspname AND v.sequencename = c.relname"
          + " WHERE s.seqrelid = CAST(CAST(? AS pg_catalog.text) AS pg_catalog.regclass)";

  private static final String DRAW =
      "SELECT pg_catalog.nextval(CAST(CAST(CAST(? AS pg_catalog.text) AS pg_catalog.oid)"
          + " AS pg_catalog.regclass))"
          + " FROM pg_catalog.generate_series(1, ?)";

  /** The name is compared, not cast: what is gone is no failure then. */
  private static final String POSITION =
      "SELECT CAST(c.oid AS pg_catalog.text), s.seqincrement,"
          + " CAST(v.last_value AS pg_catalog.numeric) + s.seqincrement"
          + " FROM pg_catalog.pg_sequence AS s"
          + " JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
          + " LEFT JOIN pg_catalog.pg_sequences AS v"
          + " ON v.schemaname = n.nspname AND v.sequencename = c.relname"
          + " WHERE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)"
          + " = CAST(? AS pg_catalog.text)";

  private static final String STATES =
      "SELECT q.name, q.state FROM (SELECT pg_catalog.quote_ident(n.nspname) || '.'"
          + " || pg_catalog.quote_ident(c.relname) AS name, "
          + STATE
          + " AS state FROM pg_catalog.pg_sequence AS s"
          + " JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace) AS q"
          + " WHERE q.name = ANY(CAST(? AS pg_catalog.text[]))";

  private static final String LOCK =
      "SELECT pg_catalog.pg_advisory_xact_lock(1380012617, pg_catalog.hashtext(?))";

  private static final String MAY_SET =
      "SELECT pg_catalog.has_sequence_privilege("
          + "CAST(CAST(? AS pg_catalog.text) AS pg_catalog.oid), 'UPDATE')";

  private static final String SEEN =
      "UPDATE rananeeti.incarnation SET seen_at = pg_catalog.now() WHERE incarnation = ?";

  /**
   * A column's sequence is that of its identity, or the one that its default calls. None where the
   * application may leave the column out, but not write it: its key can't be written into the
   * insert.
   */
  private static final String COLUMNS =
      "SELECT a.attname, t.typname, q.name, a.attidentity = 'a', a.attgenerated = ''"
          + " AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT')"
          + " FROM pg_catalog.pg_attribute AS a"
          + " JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
          + " LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum"
          + " LEFT JOIN LATERAL (SELECT pg_catalog.quote_ident(n.nspname) || '.'"
          + " || pg_catalog.quote_ident(s.relname) AS name FROM pg_catalog.pg_class AS s"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace"
          + " WHERE s.relkind = 'S' AND s.oid = CASE WHEN a.attidentity <> '' THEN"
          + " CAST(pg_catalog.pg_get_serial_sequence("
          + "CAST(CAST(a.attrelid AS pg_catalog.regclass) AS pg_catalog.text), a.attname)"
          + " AS pg_catalog.regclass)"
          + " ELSE CAST(pg_catalog.replace(pg_catalog.substring("
          + "pg_catalog.pg_get_expr(f.adbin, f.adrelid), '^nextval\\(''(.+)''::regclass\\)$'),"
          + " '''''', '''') AS pg_catalog.regclass) END) AS q"
          + " ON t.typname IN ('int2', 'int4', 'int8')"
          + " AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT')"
          + " WHERE a.attrelid = CAST(CAST(? AS pg_catalog.text) AS pg_catalog.regclass)"
          + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

  private static final String TROUBLE =
      "SELECT CASE WHEN c.relkind NOT IN ('r', 'p') THEN 'it is no plain table'"
          + " WHEN c.relhasrules AND EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r"
          + " WHERE r.ev_class = c.oid AND r.ev_type = '3') THEN 'it has a rule on INSERT'"
          + " WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE (g.tgrelid = c.oid"
          + " OR c.relkind = 'p' AND g.tgrelid IN"
          + " (SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) AS p))"
          + " AND g.tgenabled <> 'D' AND (g.tgtype::int & 7) = 7)"
          + " THEN 'a trigger before INSERT may change its rows' END"
          + " FROM pg_catalog.pg_class AS c"
          + " WHERE c.oid = CAST(CAST(? AS pg_catalog.text) AS pg_catalog.regclass)";

  private final Lender lender;
  private final UUID incarnation;

  AuroraSequences(Lender lender, UUID incarnation) {
    this.lender = lender;
    this.incarnation = incarnation;
  }

  @Override
  public Lease lease(String name, Map<String, String> settings, int count) throws StoreException {
    List<Lease> leases = new ArrayList<>();
    lender.with(
        "lease",
        connection -> {
          Map<String, String> before = begin(connection, settings);
          leases.add(lease(connection, name, count, before));
          commit(connection);
        });
    return leases.get(0);
  }

  /**
   * What the name means is asked as whom the application was, and drawn is as the platform itself:
   * it is the platform that has to move the sequence past its leases one day (R4), so what it may
   * not do alone is not leased.
   */
  private static Lease lease(
      Connection connection, String name, int count, Map<String, String> before)
      throws SQLException, StoreException {
    About about = about(connection, name);
    if (about.most() < 1) {
      throw refused(USED_UP, "it has too few values left to lend some");
    }
    if (!before.isEmpty()) {
      ContextSettings.set(connection, before, true);
    }
    int drawn = (int) Math.min(count, about.most());
    return new Lease(
        about.inFull(), draw(connection, about.oid(), about.increment(), drawn), about.state());
  }

  /** What is known of a sequence that may be leased, and how many values at the most. */
  private record About(String inFull, String oid, long increment, long most, String state) {}

  private static About about(Connection connection, String name)
      throws SQLException, StoreException {
    try (PreparedStatement about = connection.prepareStatement(ABOUT)) {
      about.setString(1, name);
      try (ResultSet row = about.executeQuery()) {
        if (!row.next()) {
          throw refused("42809", "it is no sequence");
        }
        checkKind(row.getString(2), row.getBoolean(3));
        long most = row.getBigDecimal(4).longValue() / PART;
        return new About(
            row.getString(1), row.getString(6), row.getLong(5), most, row.getString(7));
      }
    }
  }

  private static void checkKind(String persistence, boolean cycles) throws StoreException {
    if (!persistence.equals("p")) {
      throw refused("0A000", "it is temporary or not logged, so its values may come again");
    }
    if (cycles) {
      throw refused("0A000", "it is a CYCLE sequence, so its values come again");
    }
  }

  private static StoreException refused(String sqlState, String why) {
    return new StoreException(Failure.REFUSED, sqlState, why, null);
  }

  /** By the sequence's oid, which needs no right on its schema. */
  private static List<ValueRange> draw(Connection connection, String oid, long increment, int count)
      throws SQLException {
    List<ValueRange> ranges = new ArrayList<>();
    try (PreparedStatement draw = connection.prepareStatement(DRAW)) {
      draw.setString(1, oid);
      draw.setInt(2, count);
      try (ResultSet rows = draw.executeQuery()) {
        while (rows.next()) {
          add(ranges, rows.getLong(1), increment);
        }
      }
    }
    return ranges;
  }

  /** Joins a value to the last range if it follows it. One alone has the sequence's direction. */
  private static void add(List<ValueRange> ranges, long value, long increment) {
    int at = ranges.size() - 1;
    ValueRange last = at < 0 ? null : ranges.get(at);
    if (last != null && last.count() == 1 && value != last.first()) {
      ranges.set(at, new ValueRange(last.first(), 2, value - last.first()));
    } else if (last != null && value == last.last() + last.step()) {
      ranges.set(at, new ValueRange(last.first(), last.count() + 1, last.step()));
    } else {
      ranges.add(new ValueRange(value, 1, increment));
    }
  }

  @Override
  public String inFull(String name, Map<String, String> settings) throws StoreException {
    List<String> names = new ArrayList<>();
    lender.with(
        "look for a sequence",
        connection -> {
          begin(connection, settings);
          names.add(inFull(connection, name));
          connection.rollback();
        });
    return names.get(0);
  }

  private static String inFull(Connection connection, String name)
      throws SQLException, StoreException {
    try (PreparedStatement about = connection.prepareStatement(ABOUT)) {
      about.setString(1, name);
      try (ResultSet row = about.executeQuery()) {
        if (!row.next()) {
          throw refused("42809", "it is no sequence");
        }
        return row.getString(1);
      }
    }
  }

  @Override
  public void advance(String sequence, long past) throws StoreException {
    try {
      lender.with(
          "advance a sequence",
          connection -> {
            begin(connection, Map.of());
            advance(connection, sequence, past);
            commit(connection);
          });
    } catch (StoreException e) {
      if (!e.sqlState().equals(USED_UP)) {
        throw e;
      }
    }
  }

  /**
   * By {@code nextval}, which never moves a sequence back, whoever else draws from it meanwhile.
   * Only where it lies millions behind, by {@code setval}: nobody draws as many between the look
   * and the call, and no other node sets it in between. What the catalog says is only believed
   * where it says that nothing has to be done: how far a sequence is that was never asked, or that
   * this user may not read, only the sequence itself knows.
   */
  private static void advance(Connection connection, String sequence, long past)
      throws SQLException, StoreException {
    Position position = position(connection, sequence);
    if (position.next() != null && behind(position, position.next(), past) < 0) {
      return;
    }
    lock(connection, sequence);
    long drawn = draw(connection, position.oid(), position.increment(), 1).get(0).first();
    long behind = behind(position, BigDecimal.valueOf(drawn), past);
    if (behind > MOST_ADVANCED && maySet(connection, position.oid())) {
      set(connection, position.oid(), past);
      return;
    }
    for (long left = behind; left > 0; left -= ADVANCED_AT_A_TIME) {
      draw(
          connection,
          position.oid(),
          position.increment(),
          (int) Math.min(left, ADVANCED_AT_A_TIME));
    }
  }

  /**
   * Where a sequence stands.
   *
   * @param next what it gives next; null if the catalog does not say
   */
  private record Position(String oid, long increment, @Nullable BigDecimal next) {}

  private static Position position(Connection connection, String sequence)
      throws SQLException, StoreException {
    try (PreparedStatement statement = connection.prepareStatement(POSITION)) {
      statement.setString(1, sequence);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw refused("42P01", "there is no sequence " + sequence);
        }
        return new Position(row.getString(1), row.getLong(2), row.getBigDecimal(3));
      }
    }
  }

  /**
   * How many more steps lie between this value and the furthest one up to that one; negative if
   * this one lies beyond it.
   */
  private static long behind(Position position, BigDecimal value, long past) {
    BigDecimal increment = BigDecimal.valueOf(position.increment());
    BigDecimal missing = BigDecimal.valueOf(past).subtract(value);
    return missing.signum() * increment.signum() < 0
        ? -1
        : missing.divideToIntegralValue(increment).longValue();
  }

  /** No two nodes move the same sequence at once: the one would take the other's values back. */
  private static void lock(Connection connection, String sequence) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
      lock.setString(1, sequence);
      lock.execute();
    }
  }

  private static boolean maySet(Connection connection, String oid) throws SQLException {
    try (PreparedStatement may = connection.prepareStatement(MAY_SET)) {
      may.setString(1, oid);
      try (ResultSet row = may.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static void set(Connection connection, String oid, long past) throws SQLException {
    try (PreparedStatement set =
        connection.prepareStatement(
            "SELECT pg_catalog.setval(CAST(CAST(CAST(? AS pg_catalog.text) AS pg_catalog.oid)"
                + " AS pg_catalog.regclass), ?)")) {
      set.setString(1, oid);
      set.setLong(2, past);
      set.execute();
    }
  }

  @Override
  public Map<String, String> states(Set<String> sequences) throws StoreException {
    Map<String, String> states = new HashMap<>();
    lender.with(
        "look at sequences",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(STATES)) {
            statement.setArray(1, connection.createArrayOf("text", sequences.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                states.put(rows.getString(1), rows.getString(2));
              }
            }
          }
          connection.rollback();
        });
    return states;
  }

  @Override
  public InsertTarget describe(String table, Map<String, String> settings) throws StoreException {
    List<Column> columns = new ArrayList<>();
    List<String> trouble = new ArrayList<>();
    lender.with(
        "describe a table",
        connection -> {
          begin(connection, settings);
          describe(connection, table, columns, trouble);
          connection.rollback();
        });
    return new InsertTarget(columns, trouble.isEmpty() ? null : trouble.get(0));
  }

  private static void describe(
      Connection connection, String table, List<Column> columns, List<String> trouble)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          columns.add(
              new Column(
                  rows.getString(1),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getBoolean(4),
                  rows.getBoolean(5)));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(TROUBLE)) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next() && row.getString(1) != null) {
          trouble.add(row.getString(1));
        }
      }
    }
  }

  /**
   * Names mean what they mean to the application.
   *
   * @return what stood there before
   */
  private static Map<String, String> begin(Connection connection, Map<String, String> settings)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + Ledger.LOCK_TIMEOUT + "'");
    }
    return settings.isEmpty() ? Map.of() : ContextSettings.set(connection, settings, true);
  }

  private void commit(Connection connection) throws SQLException, StoreException {
    try (PreparedStatement seen = connection.prepareStatement(SEEN)) {
      seen.setObject(1, incarnation);
      if (seen.executeUpdate() != 1) {
        throw new StoreException(
            Failure.RETRY, "55R03", "the ledger does not know this log yet", null);
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(Ledger.COMMIT);
    }
  }
}
