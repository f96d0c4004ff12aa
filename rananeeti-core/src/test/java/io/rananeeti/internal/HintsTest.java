package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of names at a start. */
final class HintsTest {

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  HintsTest() {}

  @Test
  void areKnownAgainOnlyWhereNamesMeanTheSame() {
    Hints hints = new Hints(file(), "search_path=a");
    hints.put("nextval s {}", "a.s");
    hints.write();

    assertThat(new Hints(file(), "search_path=a").get("nextval s {}")).isEqualTo("a.s");
    Hints other = new Hints(file(), "search_path=b");
    assertThat(other.get("nextval s {}")).isNull();

    other.put("nextval t {}", "b.t");
    other.write();
    assertThat(new Hints(file(), "search_path=a").get("nextval s {}")).isNull();
    assertThat(new Hints(file(), "search_path=b").get("nextval t {}")).isEqualTo("b.t");
  }

  @Test
  void areWrittenOnlyIfThereIsNews() throws Exception {
    Hints hints = new Hints(file(), "");
    hints.write();
    assertThat(file()).doesNotExist();

    hints.put("nextval s {}", "a.s");
    hints.write();
    Files.delete(file());
    hints.put("nextval s {}", "a.s");
    hints.write();
    assertThat(file()).doesNotExist();
  }

  private Path file() {
    return directory.resolve("hints.properties");
  }
}
