package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {

  @TempDir Path root;

  @Test
  void createsADirectoryForItsOwnerAlone() throws IOException {
    Path directory = PrivateDirectory.ensure(root.resolve("a").resolve("b"));

    assertThat(permissions(directory)).isEqualTo("rwx------");
  }

  @Test
  void narrowsThePermissionsOfOneThatIsThere() throws IOException {
    Path directory = Files.createDirectory(root.resolve("open"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

    PrivateDirectory.ensure(directory);

    assertThat(permissions(directory)).isEqualTo("rwx------");
  }

  @Test
  void refusesALinkThatSomebodyMayHavePlanted() throws IOException {
    Path link =
        Files.createSymbolicLink(
            root.resolve("link"), Files.createDirectory(root.resolve("elsewhere")));

    assertThatThrownBy(() -> PrivateDirectory.ensure(link))
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining("is no directory");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
