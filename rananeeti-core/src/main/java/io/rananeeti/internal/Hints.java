package io.rananeeti.internal;

import io.rananeeti.internal.storage.DurableFiles;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a store said of names when it was last asked, for a start in an outage: a file beside the
 * log. A hint only: if it is lost or can't be read, what needs it is refused until the store can be
 * asked again. Thread-safe.
 */
final class Hints {

  private static final Logger LOG = LoggerFactory.getLogger(Hints.class);
  private static final int MOST = 10_000;

  private static final String NAMING = "naming";

  private final Path file;
  private final String naming;
  private boolean changed;
  private final Map<String, String> known = new ConcurrentHashMap<>();

  /**
   * Kept in this file, which need not be there.
   *
   * @param naming what decides what names mean; nothing is known yet if it was another
   */
  Hints(Path file, String naming) {
    this.file = file;
    this.naming = naming;
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      Properties read = new Properties();
      read.load(reader);
      if (naming.equals(read.getProperty(NAMING, ""))) {
        read.remove(NAMING);
        read.stringPropertyNames().forEach(key -> known.put(key, read.getProperty(key)));
      }
    } catch (NoSuchFileException e) {
      LOG.debug("nothing is known of sequences yet: {}", file);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("what was known of sequences can't be read, delete it: {}", file, e);
    }
  }

  @Nullable String get(String key) {
    return known.get(key);
  }

  /** Keeps it until {@link #write()}. */
  synchronized void put(String key, String value) {
    boolean room = known.size() < MOST || known.containsKey(key);
    changed |= room && !value.equals(known.put(key, value));
  }

  /** Writes the file if there is news. */
  synchronized void write() {
    if (!changed) {
      return;
    }
    changed = false;
    Properties all = new Properties();
    all.putAll(new TreeMap<>(known));
    all.setProperty(NAMING, naming);
    StringWriter text = new StringWriter();
    try {
      all.store(text, "What the database said of its sequences; for outages");
      DurableFiles.writeAtomically(file, text.toString());
    } catch (IOException e) {
      LOG.warn("what is known of sequences can't be kept for the next start: {}", file, e);
    }
  }
}
