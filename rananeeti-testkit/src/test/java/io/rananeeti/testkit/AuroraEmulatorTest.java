package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What is refused before any server is started. */
class AuroraEmulatorTest {

  @Test
  void saysInOneSentenceWhatTheCommandLineLacks() {
    assertThatThrownBy(() -> AuroraEmulator.cluster("us-east-1", 1).start())
        .isInstanceOf(TestkitException.class)
        .hasMessageContaining(
            "-Djdk.net.hosts.file=<a file for this JVM alone> -Dsun.net.inetaddr.ttl=1 -Dsun.net.inetaddr.negative.ttl=0");
  }

  @Test
  void globalDatabaseHasMoreThanOneRegion() {
    assertThatThrownBy(() -> AuroraEmulator.global().region("us-east-1", 2).start())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> AuroraEmulator.cluster("us-east-1", 2).region("eu-west-1", 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void regionsAreCalledAsAmazonCallsThem() {
    assertThatThrownBy(() -> AuroraEmulator.cluster("Atlantis", 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AuroraEmulator.cluster("us-east-1", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
