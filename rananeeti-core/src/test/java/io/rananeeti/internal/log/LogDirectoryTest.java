package io.rananeeti.internal.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.error.LogFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogDirectoryTest {

  @TempDir private Path root;

  @SuppressWarnings("NullAway.Init")
  LogDirectoryTest() {}

  @Test
  void aDirectoryIsHeldOnceInOneProcess() throws IOException {
    try (LogDirectory held = LogDirectory.hold(root.resolve("log"))) {
      assertThatThrownBy(() -> LogDirectory.hold(held.path()))
          .isInstanceOf(LogFailedException.class)
          .hasMessageContaining("in use");
    }

    LogDirectory.hold(root.resolve("log")).close();
  }

  @Test
  void aDirectoryThatWasDeletedWhileHeldIsNotHeldForEver() throws IOException {
    try (LogDirectory abandoned = LogDirectory.hold(root.resolve("log"))) {
      Files.delete(abandoned.path().resolve("lock"));
      Files.delete(abandoned.path());
      LogDirectory.hold(root.resolve("another")).close();

      LogDirectory.hold(root.resolve("log")).close();
    }
  }
}
