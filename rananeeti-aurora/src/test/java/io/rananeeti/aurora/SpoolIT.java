package io.rananeeti.aurora;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.UpdateCounts;
import io.rananeeti.store.Parameter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is too large for an entry of the log waits beside it, and is applied as it was set. */
@Tag(DropInFixture.OUTAGE)
final class SpoolIT extends DropInFixture {

  private static final String STORE = "INSERT INTO files (id, body, note) VALUES (?, ?, ?)";
  private static final int MEBIBYTE = 1 << 20;

  /** What is kept for other regions keeps its content. */
  @Override
  boolean retains() {
    return false;
  }

  @BeforeEach
  void makeTable() throws SQLException {
    server.execute(
        "DROP TABLE IF EXISTS files",
        "CREATE TABLE files (id int PRIMARY KEY, body bytea, note text)");
  }

  @Test
  void acceptsStreamsOfAnySizeWhileTheDatabaseIsGoneAndAppliesThemAfterARestart() throws Exception {
    outage();

    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(STORE)) {
      insert.setInt(1, 1);
      insert.setBinaryStream(2, new Repeated(64L * MEBIBYTE));
      insert.setCharacterStream(
          3, new StringReader("\u0928\u092e\u0938\u094d\u0924\u0947 ".repeat(2 * MEBIBYTE)));
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
    assertThat(spooled()).hasSize(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spool())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spooled().get(0))))
        .isEqualTo("rw-------");
    platform.close();
    open(2, UpdateCounts.PROMISE_ONE);
    assertThat(platform.health().spooledBytes()).isGreaterThan(64L * MEBIBYTE);
    recover();

    assertThat(files("SELECT encode(sha256(body), 'hex') FROM files"))
        .containsExactly(sha256(new Repeated(64L * MEBIBYTE)));
    assertThat(files("SELECT length(note)::text FROM files"))
        .containsExactly(String.valueOf(14 * MEBIBYTE));
    assertSpoolBecomesEmpty();
    await("it takes no space", () -> platform.health().spooledBytes() == 0);
  }

  @Test
  void acceptsValuesThatAreLargerThanAnEntryAndLeavesSmallOnesInIt() throws Exception {
    outage();

    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (int id = 1; id <= 3; id++) {
        insertBytes(connection, id, bytes(id, 3 * MEBIBYTE), "x".repeat(100));
      }
      insertBytes(connection, 4, bytes(1, 3 * MEBIBYTE), "x".repeat(2 * MEBIBYTE));
      insertBytes(connection, 5, bytes(5, 1_000), "small");
      connection.commit();
    }
    assertThat(spooled()).as("one for each content, however often it is used").hasSize(4);
    recover();

    assertThat(
            files("SELECT id || '=' || length(body) || ',' || length(note) FROM files ORDER BY id"))
        .containsExactly(
            "1=3145728,100", "2=3145728,100", "3=3145728,100", "4=3145728,2097152", "5=1000,5");
    assertSpoolBecomesEmpty();
  }

  @Test
  void writesNothingBesideTheLogWhileTheDatabaseIsThere() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      insertBytes(connection, 1, bytes(1, 2 * MEBIBYTE), "attached");
    }

    assertThat(Files.exists(spool())).isFalse();
    assertThat(files("SELECT length(body)::text FROM files")).containsExactly("2097152");
  }

  @Test
  void keepsNothingOfATransactionThatWasRolledBack() throws Exception {
    outage();

    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert = connection.prepareStatement(STORE)) {
        insert.setInt(1, 1);
        insert.setBinaryStream(2, new Repeated(10L * MEBIBYTE));
        insert.setString(3, "rolled back");
        insert.executeUpdate();
      }
      assertThat(spooled()).hasSize(1);
      connection.rollback();
      assertThat(spooled()).isEmpty();
    }
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(STORE)) {
      insert.setBinaryStream(2, new Repeated(10L * MEBIBYTE));
      assertThat(spooled()).hasSize(1);
    }
    assertThat(spooled()).as("closed without being run").isEmpty();
    recover();
  }

  @Test
  void setsAStreamOnTheDatabaseThatHasComeBackBeforeItIsRun() throws Exception {
    outage();

    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement(STORE)) {
      insert.setInt(1, 1);
      insert.setBinaryStream(2, new Repeated(10L * MEBIBYTE), 9 * MEBIBYTE);
      insert.setString(3, "attached after all");
      recover();
      insert.executeUpdate();
    }

    assertThat(files("SELECT encode(sha256(body), 'hex') FROM files"))
        .containsExactly(sha256(new Repeated(9L * MEBIBYTE)));
    assertThat(spooled()).isEmpty();
  }

  @Test
  void makesADeadLetterOfWhatWasDamagedAndAppliesTheRest() throws Exception {
    outage();
    for (int id = 1; id <= 3; id++) {
      try (Connection connection = dataSource.getConnection()) {
        insertBytes(connection, id, bytes(id, 2 * MEBIBYTE), "note");
      }
    }
    Path damaged = spool().resolve(sha256(new ByteArrayInputStream(bytes(2, 2 * MEBIBYTE))));
    byte[] whole = Files.readAllBytes(damaged);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(damaged, flipped, StandardOpenOption.WRITE);
    recover();

    assertThat(files("SELECT id::text FROM files ORDER BY id")).containsExactly("1", "3");
    DeadLetter letter = platform.deadLetters().list().get(0);
    assertThat(letter.sqlState()).isEqualTo("55R17");
    assertThat(letter.reason()).contains(damaged.getFileName().toString(), "bytes are others");
    await("what is applied is given up", () -> spooled().size() == 1);

    platform.close();
    open(2, UpdateCounts.PROMISE_ONE);
    awaitUp();
    Files.delete(damaged);
    TransactionId retried = platform.deadLetters().retry(letter.id(), "ann", "again").id();
    assertThat(platform.drain(STALL)).isTrue();
    DeadLetter again = platform.deadLetters().get(retried).orElseThrow();
    assertThat(again.reason()).contains("missing", damaged.getFileName().toString());

    Files.write(damaged, whole);
    Receipt receipt = platform.deadLetters().retry(again.id(), "ann", "the file is back");
    assertThat(platform.drain(STALL)).isTrue();
    assertThat(files("SELECT id::text FROM files ORDER BY id")).containsExactly("1", "2", "3");
    assertThat(platform.deadLetters().list()).isEmpty();
    assertThat(receipt.status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertSpoolBecomesEmptyInFull();
  }

  @Test
  void correctsADeadLetterWhoseContentIsInTheSpool() throws Exception {
    server.execute("INSERT INTO files (id) VALUES (1)");
    outage();
    try (Connection connection = dataSource.getConnection()) {
      insertBytes(connection, 1, bytes(1, 2 * MEBIBYTE), "duplicate");
    }
    recover();
    DeadLetter letter = platform.deadLetters().list().get(0);
    assertThat(letter.sqlState()).isEqualTo("23505");
    assertThat(spooled()).hasSize(1);

    platform
        .deadLetters()
        .retry(
            letter.id(),
            "ann",
            "another id",
            operations ->
                List.of(operations.get(0).with(0, 1, Parameter.of(Parameter.Kind.INT32, 2L))));
    assertThat(platform.drain(STALL)).isTrue();

    assertThat(files("SELECT length(body)::text FROM files WHERE id = 2"))
        .containsExactly("2097152");
    assertSpoolBecomesEmptyInFull();
  }

  @Test
  void isTheSamePieceOfWorkInMemoryAndInTheSpool() throws Exception {
    byte[] body = bytes(1, 9 * MEBIBYTE);
    server.execute("ALTER TABLE files DROP CONSTRAINT files_pkey"); // The key alone tells.
    outage();
    TransactionId first = order(connection -> insertStream(connection, 1, body)).id();

    assertThat(order(connection -> insertBytes(connection, 1, body, "once")).id()).isEqualTo(first);
    assertState("22R01", () -> order(connection -> insertBytes(connection, 1, body, "other")));
    recover();
    Receipt again = order(connection -> insertBytes(connection, 1, body, "once"));

    assertThat(again.id()).isEqualTo(first);
    assertThat(again.status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(files("SELECT id::text FROM files")).containsExactly("1");
    assertSpoolBecomesEmptyInFull();
  }

  private Receipt order(Work work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      connection.setClientInfo("rananeeti.intent-key", "order 4711");
      work.on(connection);
      connection.commit();
      return Objects.requireNonNull(connection.unwrap(PlatformConnection.class).receipt());
    }
  }

  /** Something that an application does. */
  @FunctionalInterface
  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private static void insertStream(Connection connection, int id, byte[] body) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(STORE)) {
      insert.setInt(1, id);
      insert.setBinaryStream(2, new ByteArrayInputStream(body));
      insert.setString(3, "once");
      insert.executeUpdate();
    }
  }

  @Test
  void makesLargeObjectsOfLobsOfAnySize() throws Exception {
    server.execute("DROP TABLE IF EXISTS lobs", "CREATE TABLE lobs (body oid, note oid)");
    outage();

    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert = connection.prepareStatement("INSERT INTO lobs VALUES (?, ?)")) {
      insert.setBlob(1, new Repeated(9L * MEBIBYTE));
      insert.setClob(2, new StringReader("\u0928".repeat(4 * MEBIBYTE)));
      insert.executeUpdate();
    }
    recover();

    assertThat(files("SELECT encode(sha256(lo_get(body)), 'hex') FROM lobs"))
        .containsExactly(sha256(new Repeated(9L * MEBIBYTE)));
    assertThat(files("SELECT length(lo_get(note))::text FROM lobs"))
        .containsExactly(String.valueOf(12 * MEBIBYTE));
    assertSpoolBecomesEmptyInFull();
  }

  private static void insertBytes(Connection connection, int id, byte[] body, String note)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(STORE)) {
      insert.setInt(1, id);
      insert.setBytes(2, body);
      insert.setString(3, note);
      insert.executeUpdate();
    }
  }

  private static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Housekeeping comes by every ten seconds: the other tests of it are enough for every day. */
  private void assertSpoolBecomesEmptyInFull() {
    if (Boolean.getBoolean("rananeeti.test.full")) {
      assertSpoolBecomesEmpty();
    }
  }

  private void assertSpoolBecomesEmpty() {
    await("the spool is empty", () -> spooled().isEmpty());
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private List<Path> spooled() {
    if (Files.notExists(spool())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(spool())) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> files(String sql) throws SQLException {
    try (Connection connection = server.connect()) {
      return read(connection, sql);
    }
  }

  private static String sha256(InputStream in) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] chunk = new byte[1 << 16];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      digest.update(chunk, 0, read);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** So many bytes that no memory holds at once. */
  private static final class Repeated extends InputStream {

    private long left;
    private int next;

    Repeated(long length) {
      left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? next++ % 251 & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(length, left);
      for (int i = 0; i < count; i++) {
        into[offset + i] = (byte) (next++ % 251);
      }
      left -= count;
      return count;
    }
  }
}
