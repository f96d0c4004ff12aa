package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests have the clusters that {@link AuroraCluster} says. */
@AuroraCluster(regions = {"us-east-1", "eu-west-1"})
class AuroraClusterIT {

  private AuroraEmulator before;

  @BeforeEach
  void takesTheClusterOfTheTest(AuroraEmulator aurora) {
    before = aurora;
  }

  @AfterEach
  void findsItRunning(AuroraEmulator aurora) {
    assertThat(aurora).isSameAs(before);
    assertThat(aurora.writer()).isEqualTo("eu1");
  }

  @Test
  void testHasTheClusterOfTheMethodBeforeIt(AuroraEmulator aurora) {
    assertThat(aurora).isSameAs(before);
    assertThat(aurora.instances()).containsExactly("us1", "us2", "eu1");

    aurora.kill("us-east-1");
    aurora.failover("eu-west-1");
  }
}
