package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.ArchiveStorage.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link ArchiveStorage} must do while nothing is wrong. Extend it and give the storage
 * under test. Each test has names of its own, so that a storage that is there already is good
 * enough.
 */
public abstract class ArchiveStorageContract {

  private final String prefix = "contract/" + UUID.randomUUID() + "/";
  private ArchiveStorage storage;

  @TempDir private Path directory;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init")
  protected ArchiveStorageContract() {}

  /** Opens the storage once more, on the same objects; several are open at the same time. */
  protected abstract ArchiveStorage open() throws IOException;

  @BeforeEach
  final void openStorage() throws IOException {
    storage = open();
  }

  @AfterEach
  final void closeStorage() {
    storage.close();
  }

  @Test
  final void hasNothingAtFirst() throws IOException {
    assertThat(storage.list(prefix, "", 10)).isEmpty();
    assertThatIOException().isThrownBy(() -> readAll(prefix + "none", 0));
  }

  @Test
  final void readsWhatWasPut() throws IOException {
    assertThat(put("tea", "a cup of tea")).isTrue();

    assertThat(readAll(prefix + "tea", 0)).isEqualTo("a cup of tea");
    try (ArchiveStorage other = open()) {
      assertThat(other.list(prefix, "", 10)).containsExactly(new Stored(prefix + "tea", 12));
    }
  }

  @Test
  final void readsFromAnyByteOn() throws IOException {
    put("tea", "a cup of tea");

    assertThat(readAll(prefix + "tea", 9)).isEqualTo("tea");
    assertThat(readAll(prefix + "tea", 12)).isEmpty();
  }

  @Test
  final void takesAnObjectOfNoBytes() throws IOException {
    assertThat(put("empty", "")).isTrue();

    assertThat(storage.list(prefix, "", 10)).containsExactly(new Stored(prefix + "empty", 0));
    assertThat(readAll(prefix + "empty", 0)).isEmpty();
  }

  @Test
  final void puttingTheSameAgainChangesNothing() throws IOException {
    put("tea", "green");

    assertThat(put("tea", "green")).isTrue();
    assertThat(storage.list(prefix, "", 10)).hasSize(1);
  }

  @Test
  final void neverReplacesWhatIsThere() throws IOException {
    put("tea", "green");

    assertThat(put("tea", "black")).isFalse();
    assertThat(put("tea", "green and black")).isFalse();
    assertThat(readAll(prefix + "tea", 0)).isEqualTo("green");
  }

  @Test
  final void refusesWhatIsNotWhatItIsSaidToBe() throws IOException {
    Path file = file("green");

    assertThatIOException().isThrownBy(() -> storage.put(prefix + "tea", file, 5, sha256("black")));
    assertThat(storage.list(prefix, "", 10)).isEmpty();
  }

  @Test
  final void listsByNamesAPageAtATime() throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      String name = "a/%02d-x.y_z".formatted(i);
      put(name, "number " + i);
      names.add(prefix + name);
    }
    put("b", "not of them");

    List<String> listed = new ArrayList<>();
    List<Stored> page = storage.list(prefix + "a/", "", 10);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(10);
      page.forEach(stored -> listed.add(stored.name()));
      page = storage.list(prefix + "a/", listed.get(listed.size() - 1), 10);
    }

    assertThat(listed).isEqualTo(names);
  }

  /** As archives do: a directory may have a name that others only begin with. */
  @Test
  final void listsWhatBeginsInTheMiddleOfAName() throws IOException {
    put("tea-1/green", "1");
    put("tea-2", "2");
    put("ten", "3");

    assertThat(storage.list(prefix + "tea-", "", 10))
        .extracting(Stored::name)
        .containsExactly(prefix + "tea-1/green", prefix + "tea-2");
  }

  @Test
  final void takesAndGivesMegabytes() throws IOException {
    String large = "0123456789abcdef".repeat(1 << 18);
    put("large", large);

    assertThat(readAll(prefix + "large", 0)).isEqualTo(large);
    assertThat(readAll(prefix + "large", large.length() - 3)).isEqualTo("def");
  }

  private boolean put(String name, String content) throws IOException {
    return storage.put(prefix + name, file(content), content.length(), sha256(content));
  }

  private Path file(String content) throws IOException {
    Path file = directory.resolve("content");
    Files.writeString(file, content);
    return file;
  }

  private static String sha256(String content) {
    return Sha256.of(content.getBytes(StandardCharsets.UTF_8));
  }

  private String readAll(String name, long from) throws IOException {
    try (InputStream in = storage.open(name, from)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
