package io.rananeeti.internal.jdbc;

import io.rananeeti.internal.storage.DurableFiles;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.DatabaseMetaData;
import java.sql.RowIdLifetime;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the database said of itself when it was last asked (product, version, limits), for the time
 * when nobody can ask it: frameworks want to know before they do anything, also when they start in
 * an outage. A file beside the log, a hint only: if it is lost or can't be read, the questions are
 * refused again. Thread-safe.
 */
final class LastKnown {

  private static final Logger LOG = LoggerFactory.getLogger(LastKnown.class);
  private static final int MOST = 1_000;

  private final Path file;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private volatile boolean gathered;

  /** Kept in this file, which need not be there. */
  LastKnown(Path file) {
    this.file = file;
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      Properties read = new Properties();
      read.load(reader);
      read.stringPropertyNames().forEach(key -> answers.put(key, read.getProperty(key)));
    } catch (NoSuchFileException e) {
      LOG.debug("nothing is known of the database yet: {}", file);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("what was known of the database can't be read, delete it: {}", file, e);
    }
  }

  /** By which an answer is known; null for a question whose answer can't be kept. */
  static @Nullable String key(Method method, @Nullable Object[] args) {
    Class<?> type = method.getReturnType();
    boolean kept =
        type == boolean.class
            || type == int.class
            || type == long.class
            || type == String.class
            || type == RowIdLifetime.class;
    // The one answer that is of the connection, and not of the database.
    if (method.getName().equals("isReadOnly")) {
      return null;
    }
    boolean simple = Arrays.stream(args).allMatch(Integer.class::isInstance);
    return kept && simple
        ? method.getName() + (args.length == 0 ? "" : Arrays.toString(args))
        : null;
  }

  /** The last answer to a question of this type; null if it is not known. */
  @Nullable Object get(String key, Class<?> type) {
    String text = answers.get(key);
    if (text == null || type == String.class) {
      return text;
    }
    try {
      if (type == boolean.class) {
        return Boolean.valueOf(text);
      } else if (type == int.class) {
        return Integer.valueOf(text);
      }
      return type == long.class ? (Object) Long.valueOf(text) : RowIdLifetime.valueOf(text);
    } catch (IllegalArgumentException e) {
      LOG.warn("what was known of the database is damaged, delete it: {}", file, e);
      return null;
    }
  }

  /** Keeps an answer. */
  void put(String key, @Nullable Object answer) {
    if (note(key, answer)) {
      write();
    }
  }

  private boolean note(String key, @Nullable Object answer) {
    if (answer == null || (answers.size() >= MOST && !answers.containsKey(key))) {
      return false;
    }
    String text = answer.toString();
    return !text.equals(answers.put(key, text));
  }

  /**
   * Asks once all questions that take no arguments: what a framework asks in the next outage is not
   * what it asks now.
   */
  void gather(DatabaseMetaData metaData) {
    if (gathered) {
      return;
    }
    boolean changed = false;
    for (Method method : DatabaseMetaData.class.getMethods()) {
      String key = method.getParameterCount() == 0 ? key(method, new Object[0]) : null;
      if (key != null) {
        changed |= ask(metaData, method, key);
      }
    }
    gathered = true;
    if (changed) {
      write();
    }
  }

  private boolean ask(DatabaseMetaData metaData, Method method, String key) {
    try {
      return note(key, method.invoke(metaData));
    } catch (InvocationTargetException | IllegalAccessException e) {
      LOG.debug("{} is not known", key, e);
      return false;
    }
  }

  private synchronized void write() {
    Properties all = new Properties();
    all.putAll(new TreeMap<>(answers));
    StringWriter text = new StringWriter();
    try {
      all.store(text, "What the database said of itself; for outages");
      DurableFiles.writeAtomically(file, text.toString());
    } catch (IOException e) {
      LOG.warn("what is known of the database can't be kept for the next start: {}", file, e);
    }
  }
}
