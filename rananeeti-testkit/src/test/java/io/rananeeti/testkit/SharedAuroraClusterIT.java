package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One cluster of all tests of a class, found by the first that asks. */
@AuroraCluster(readers = 0, shared = true, name = "shared")
class SharedAuroraClusterIT {

  private static AuroraEmulator ofTheClass;

  @BeforeAll
  static void takesTheCluster(AuroraEmulator aurora) {
    ofTheClass = aurora;
  }

  @Test
  void firstTestHasIt(AuroraEmulator aurora) {
    assertThat(aurora).isSameAs(ofTheClass);
  }

  @Test
  void secondTestHasItToo(AuroraEmulator aurora) throws SQLException {
    assertThat(aurora).isSameAs(ofTheClass);
    assertThat(aurora.instances()).containsExactly("us1");
    assertThat(aurora.clusterEndpoint("us-east-1"))
        .isEqualTo("shared.cluster-shared1.us-east-1.rds.amazonaws.com");
    try (Connection connection = aurora.connect("us1")) {
      assertThat(connection.isValid(10)).isTrue();
    }
  }
}
