package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostmasterFileTest {

  private static final List<String> COMPLETE =
      List.of(
          "3301",
          "/data",
          "1795408852",
          "54999",
          "",
          "127.0.0.1",
          "  2147610         4",
          "ready   ");

  @Test
  void readsWhatAPostmasterWrites() {
    assertThat(PostmasterFile.parse(COMPLETE))
        .contains(
            new PostmasterFile(
                3301, Instant.ofEpochSecond(1795408852), 54999, Optional.of("4"), "ready"));
  }

  @Test
  void isEmptyUntilThePortIsWritten() {
    for (int lines = 0; lines <= 3; lines++) {
      assertThat(PostmasterFile.parse(COMPLETE.subList(0, lines))).isEmpty();
    }
  }

  @Test
  void isNotReadyUntilTheStatusSaysSo() {
    assertThat(PostmasterFile.parse(COMPLETE.subList(0, 6)).orElseThrow().isReady()).isFalse();
    assertThat(PostmasterFile.parse(COMPLETE).orElseThrow().isReady()).isTrue();
  }

  @Test
  void isEmptyWhereThereIsNoFile(@TempDir Path data) {
    assertThat(PostmasterFile.read(data)).isEmpty();
  }
}
