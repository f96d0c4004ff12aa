package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.rananeeti.internal.archive.DirectoryArchive;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryArchiveTest extends ArchiveStorageContract {

  @TempDir private Path root;

  @SuppressWarnings("NullAway.Init")
  DirectoryArchiveTest() {}

  @Override
  protected ArchiveStorage open() {
    return new DirectoryArchive(root.resolve("archive"));
  }

  @Test
  void itsFilesAreForTheirOwnerOnly() throws IOException {
    Path file = Files.writeString(root.resolve("content"), "tea");
    try (ArchiveStorage archive = open()) {
      archive.put("a/b", file, 3, Sha256.of("tea".getBytes(StandardCharsets.UTF_8)));
    }

    Path parent = root.resolve("archive/a");
    Path put = parent.resolve("b");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(put)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent)))
        .isEqualTo("rwx------");
    assertThat(parent).isDirectoryNotContaining("glob:**.part");
  }

  /** A process that died in the middle of a put has left it. */
  @Test
  void aPartIsNoObject() throws IOException {
    Path directory = Files.createDirectories(root.resolve("archive/a"));
    Files.writeString(directory.resolve("b.part"), "t");
    Path file = Files.writeString(root.resolve("content"), "tea");
    try (ArchiveStorage archive = open()) {
      assertThat(archive.list("", "", 10)).isEmpty();
      assertThat(archive.put("a/b", file, 3, Sha256.of("tea".getBytes(StandardCharsets.UTF_8))))
          .isTrue();
      assertThat(archive.list("", "", 10)).hasSize(1);
    }
  }

  @Test
  void noNameLeadsOutOfIt() throws IOException {
    Path file = Files.writeString(root.resolve("content"), "tea");
    try (ArchiveStorage archive = open()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  archive.put("../b", file, 3, Sha256.of("tea".getBytes(StandardCharsets.UTF_8))));
    }
  }
}
