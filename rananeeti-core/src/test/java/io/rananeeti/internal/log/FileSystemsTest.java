package io.rananeeti.internal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.rananeeti.error.LogFailedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileSystemsTest {

  private static final Path LOG = Path.of("rananeeti", "cafe");

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "apfs", "NTFS"})
  void haveNothingToSayOfALocalDisk(String type) {
    assertThat(FileSystems.check(LOG, type, false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "NFS", "cifs", "smb3", "9p", "fuse.sshfs"})
  void refuseANetworkUnlessToldOtherwise(String type) {
    assertThatExceptionOfType(LogFailedException.class)
        .isThrownBy(() -> FileSystems.check(LOG, type, false))
        .withMessageContaining("type=" + type)
        .withMessageContaining("networkLog(true)");

    assertThat(FileSystems.check(LOG, type, true)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ramfs"})
  void warnOfMemory(String type) {
    assertThat(FileSystems.check(LOG, type, false))
        .singleElement()
        .asString()
        .contains("dies with the machine or container");
  }

  @Test
  void warnOfTheLayerOfAContainer() {
    assertThat(FileSystems.check(LOG, "overlay", false))
        .singleElement()
        .asString()
        .contains("dies with the container");
  }

  @Test
  void lookAtTheNearestDirectoryThatExists() {
    Path here = Path.of("").toAbsolutePath();

    assertThat(FileSystems.existing(here.resolve("not/there/yet"))).isEqualTo(here);
  }
}
