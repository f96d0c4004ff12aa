package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.ContentStorage.Stored;
import io.rananeeti.store.Content;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ContentStorage} must do while nothing is wrong. Extend it and give the storage
 * under test. Each test has names of its own, so that a storage that is there already is good
 * enough.
 */
public abstract class ContentStorageContract {

  private final String prefix = "contract/" + UUID.randomUUID() + "/";
  private ContentStorage storage;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init")
  protected ContentStorageContract() {}

  /** Opens the storage once more, on the same objects; several are open at the same time. */
  protected abstract ContentStorage open() throws IOException;

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
    assertThatIOException().isThrownBy(() -> readAll(prefix + "none"));
  }

  @Test
  final void anotherNodeReadsWhatWasPut() throws IOException {
    put("tea", "a cup of tea");

    try (ContentStorage other = open();
        InputStream in = other.open(prefix + "tea")) {
      assertThat(other).hasToString(storage.toString());
      assertThat(other.list(prefix, "", 10)).containsExactly(new Stored(prefix + "tea", 12));
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("a cup of tea");
    }
  }

  @Test
  final void puttingTheSameAgainChangesNothing() throws IOException {
    put("tea", "green");

    put("tea", "green");

    assertThat(storage.list(prefix, "", 10)).containsExactly(new Stored(prefix + "tea", 5));
  }

  @Test
  final void refusesWhatIsNotWhatItIsSaidToBe() throws IOException {
    Content black = content("black");

    assertThatIOException().isThrownBy(() -> storage.put(prefix + "tea", black, of("green")));
    assertThat(storage.list(prefix, "", 10)).isEmpty();
  }

  @Test
  final void whatCantBeReadIsNotPut() throws IOException {
    ContentStorage.Source unreadable =
        () -> {
          throw new IOException("it can't be read");
        };

    assertThatIOException()
        .isThrownBy(() -> storage.put(prefix + "tea", content("green"), unreadable))
        .withMessageContaining("it can't be read");
    assertThat(storage.list(prefix, "", 10)).isEmpty();
  }

  @Test
  final void whatIsRemovedIsGoneAndNothingElseIs() throws IOException {
    put("tea", "green");
    put("tea-2", "black");

    storage.remove(prefix + "tea");
    storage.remove(prefix + "tea");

    assertThat(storage.list(prefix, "", 10)).containsExactly(new Stored(prefix + "tea-2", 5));
    assertThatIOException().isThrownBy(() -> readAll(prefix + "tea"));
  }

  @Test
  final void listsByNamesAPageAtATime() throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String name = "a/%02d-x.y_z".formatted(i);
      put(name, "number " + i);
      names.add(prefix + name);
    }
    put("b", "not of them");

    List<String> listed = new ArrayList<>();
    List<Stored> page = storage.list(prefix + "a/", "", 5);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(5);
      page.forEach(stored -> listed.add(stored.name()));
      page = storage.list(prefix + "a/", listed.get(listed.size() - 1), 5);
    }

    assertThat(listed).isEqualTo(names);
  }

  /** More than one part of an upload, where the storage has such. */
  @Test
  final void takesAndGivesMegabytes() throws IOException {
    String large = "0123456789abcdef".repeat((17 << 20) / 16);

    put("large", large);
    put("large", large);

    assertThat(readAll(prefix + "large")).isEqualTo(large);
  }

  private void put(String name, String text) throws IOException {
    storage.put(prefix + name, content(text), of(text));
  }

  private static Content content(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Content(Sha256.of(bytes), bytes.length);
  }

  private static ContentStorage.Source of(String text) {
    return () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private String readAll(String name) throws IOException {
    try (InputStream in = storage.open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
