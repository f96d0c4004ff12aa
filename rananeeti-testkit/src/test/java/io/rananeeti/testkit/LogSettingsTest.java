package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.DataPlatform;
import io.rananeeti.Durability;
import io.rananeeti.LogStorageType;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.time.Seams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a builder's settings of the log do. */
final class LogSettingsTest {

  private static final String PROPERTY = "rananeeti.log-storage";

  @TempDir private Path directory;

  private final InMemoryDatabase database = new InMemoryDatabase(Seams.system());

  @SuppressWarnings("NullAway.Init")
  LogSettingsTest() {}

  @Test
  void keepTheLogOnChronicleUnlessToldOtherwise() {
    builder().open().close();

    assertThat(directory.resolve("chronicle")).isDirectory();
  }

  @Test
  void keepTheLogOnPlainFiles() {
    builder().logStorage(LogStorageType.FILE).open().close();

    assertThat(directory.resolve("file")).isDirectory();
    assertThat(directory.resolve("chronicle")).doesNotExist();
  }

  @Test
  void takeTheStorageFromASystemProperty() {
    System.setProperty(PROPERTY, "file");
    try {
      builder().open().close();
      assertThat(directory.resolve("file")).isDirectory();

      System.setProperty(PROPERTY, "flie");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().open())
          .withMessage("rananeeti.log-storage is [CHRONICLE, FILE]: flie");
    } finally {
      System.clearProperty(PROPERTY);
    }
  }

  @Test
  void refuseALogThatAnotherStorageHasWritten() {
    builder().logStorage(LogStorageType.FILE).open().close();

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> builder().logStorage(LogStorageType.CHRONICLE).open())
        .withMessageContaining("written by another storage, in file");
    builder().logStorage(LogStorageType.FILE).open().close();
  }

  @Test
  void acceptWhereOnlyTheProcessMayDie() throws SQLException {
    database.faults().unreachable(true);
    try (DataPlatform platform = builder().durability(Durability.PROCESS).open()) {
      insert(platform);

      assertThat(platform.health().stores().get("orders"))
          .satisfies(health -> assertThat(health.backlog()).isEqualTo(1));
    }
  }

  @Test
  void refuseWhatIsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maxLogBytes(1_000_000))
        .withMessageStartingWith("maxLogBytes is ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().freeDiskFloor(-1))
        .withMessageStartingWith("freeDiskFloor is ");
  }

  @Test
  void refuseTransactionsBelowTheFloorWithTheirOwnState() {
    database.faults().unreachable(true);
    try (DataPlatform platform = builder().freeDiskFloor(1L << 50).open()) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> insert(platform))
          .satisfies(refusal -> assertThat(refusal.getSQLState()).isEqualTo("53100"))
          .withMessageContaining("freeFloor");
      assertThat(platform.health().logTakesEntries()).isFalse();
    }
  }

  @Test
  void sayThatADirectoryIsAFile() throws Exception {
    Path file = Files.createFile(directory.resolve("a-file"));

    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> builder().log(file).open())
        .withMessageContaining("is a file, no directory");
  }

  private static void insert(DataPlatform platform) throws SQLException {
    try (Connection connection = platform.getConnection("orders");
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO orders (id, item) VALUES (1, 'tea')");
    }
  }

  private DataPlatform.Builder builder() {
    return DataPlatform.builder("settings")
        .store(new InMemoryStore("orders", database))
        .log(directory);
  }
}
