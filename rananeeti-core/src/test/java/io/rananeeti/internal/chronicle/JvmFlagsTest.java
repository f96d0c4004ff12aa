package io.rananeeti.internal.chronicle;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JvmFlagsTest {

  @Test
  void sufficeWhereTheFlagsAreGiven() {
    assertThat(JvmFlags.sufficeFor(JvmFlags.class.getModule())).isTrue();
  }

  @Test
  void doNotSufficeForAModuleThatWasGivenNone() {
    assertThat(JvmFlags.sufficeFor(ManagementFactory.class.getModule())).isFalse();
  }

  @Test
  void saysWhatToAddWhereTheFlagsAreMissing(@TempDir Path directory) throws Exception {
    Process withoutFlags =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Opener.class.getName(),
                    directory.toString()))
            .redirectErrorStream(true)
            .start();

    String output =
        new String(withoutFlags.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(output)
        .contains("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED")
        .contains("--add-opens=java.base/java.lang.reflect=ALL-UNNAMED")
        .contains("JAVA_TOOL_OPTIONS")
        .contains("Add-Exports")
        .contains("Add-Opens");
  }

  /** A program that opens the storage. */
  static final class Opener {

    private Opener() {}

    public static void main(String[] arguments) throws IOException {
      try (LogStorage storage = ChronicleStorage.open(Path.of(arguments[0]))) {
        System.out.println("opened, size=" + storage.size());
      }
    }
  }
}
