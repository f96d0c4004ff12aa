package io.rananeeti.internal;

import io.rananeeti.AuditEntry;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.storage.DurableFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people decided, for those who ask long after the log has given the entry back: {@value
 * #FILE} beside the log, one line of JSON for each decision, appended and forced, readable by its
 * user only. The same goes to the logger {@value #LOGGER}.
 *
 * <p><b>Who dies when.</b> The decision is the log's: its entry is forced first, and the line
 * before the call returns. A crash between the two leaves the entry without its line, which is
 * written at the next open, and until then the log keeps the entry. The same holds where a line
 * can't be written; health says so. A line cut short by a crash is left alone: the next begins on a
 * line of its own, and what it was to say is said again. Only the lines of {@code adopt} come
 * before their entry: a crash between the two leaves a line for a decision that has to be made
 * again.
 *
 * <p>Never rotated or shortened by the platform. Thread-safe; a decision is rare, so one lock
 * serves all.
 */
final class AuditTrail {

  static final String FILE = "audit.jsonl";
  static final String LOGGER = "io.rananeeti.audit";
  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
  private static final int MOST_READ = 10_000;

  private final String platform;
  private final UUID logId;
  private final Path directory;
  private final Path file;
  private final TreeMap<Long, AuditEntry> missing = new TreeMap<>();
  private volatile @Nullable String warning;

  AuditTrail(String platform, UUID logId, Path directory) {
    this.platform = platform;
    this.logId = logId;
    this.directory = directory;
    this.file = directory.resolve(FILE);
  }

  /**
   * Writes the line of a decision that is forced in the log, and those that could not be written
   * before it.
   *
   * @param sequence of the log's entry
   */
  synchronized void add(long sequence, AuditEntry entry) {
    LOG.info("{}: {}", platform, words(entry));
    missing.put(sequence, entry);
    writeMissing();
  }

  /**
   * Writes the line of a decision that is about to be made.
   *
   * @throws IllegalStateException if that can't be done, and so nothing was decided
   */
  synchronized void announce(AuditEntry entry) {
    try {
      append(line(entry, null));
    } catch (IOException e) {
      throw new IllegalStateException(
          "nothing was done: the audit trail %s can't be written: %s".formatted(file, e), e);
    }
    LOG.info("{}: {}", platform, words(entry));
  }

  /** Writes the lines of those decisions in the log that have none. */
  synchronized void complete(Map<Long, AuditEntry> ofLog) {
    if (ofLog.isEmpty()) {
      return;
    }
    try {
      missing.putAll(ofLog);
      missing.keySet().removeAll(written());
      writeMissing();
    } catch (IOException e) {
      failed(e);
    }
  }

  /** The first entry of the log whose line could not be written yet: the log keeps it. */
  synchronized long firstMissing() {
    return missing.isEmpty() ? Long.MAX_VALUE : missing.firstKey();
  }

  /** What is wrong with it, null if nothing. */
  @Nullable String warning() {
    return warning;
  }

  /**
   * The latest decisions, the oldest of them first; at most 10,000.
   *
   * @throws IllegalStateException if it can't be read
   */
  synchronized List<AuditEntry> list() {
    try {
      Deque<AuditEntry> latest = new ArrayDeque<>();
      read(
          values -> {
            latest.add(entry(values));
            if (latest.size() > MOST_READ) {
              latest.removeFirst();
            }
          });
      latest.addAll(missing.values());
      return List.copyOf(latest);
    } catch (IOException e) {
      throw new IllegalStateException("the audit trail %s can't be read".formatted(file), e);
    }
  }

  private void writeMissing() {
    try {
      StringBuilder lines = new StringBuilder();
      missing.forEach((sequence, entry) -> lines.append(line(entry, sequence)));
      if (!missing.isEmpty()) {
        append(lines.toString());
        missing.clear();
      }
      warning = null;
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException e) {
    warning =
        "the audit trail %s can't be written, %d decisions are in the log only: %s"
            .formatted(file, missing.size(), e);
    LOG.warn("{}: {}", platform, warning);
  }

  private void append(String lines) throws IOException {
    boolean fresh = Files.notExists(file);
    try (FileChannel channel = DurableFiles.openPrivate(file)) {
      boolean cutShort = endsWithinALine(channel);
      channel.position(channel.size());
      DurableFiles.writeAll(channel, cutShort ? "\n" + lines : lines);
      channel.force(true);
    }
    if (fresh) {
      DurableFiles.forceNames(directory);
    }
  }

  private static boolean endsWithinALine(FileChannel channel) throws IOException {
    ByteBuffer last = ByteBuffer.allocate(1);
    return channel.size() > 0
        && channel.read(last, channel.size() - 1) == 1
        && last.get(0) != (byte) '\n';
  }

  /** The entries of this log whose lines are there. */
  private Set<Long> written() throws IOException {
    Set<Long> written = new HashSet<>();
    read(
        values -> {
          if (logId.toString().equals(values.get("log"))
              && values.get("entry") instanceof Long sequence) {
            written.add(sequence);
          }
        });
    return written;
  }

  /** Passes over what is no line of this class: one that a crash has cut short. */
  private void read(Consumer<Map<String, Object>> reader) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        try {
          reader.accept(JsonLine.read(line));
        } catch (IllegalArgumentException | DateTimeParseException e) {
          LoggerFactory.getLogger(AuditTrail.class)
              .debug("{}: a line of {} is not whole", platform, file, e);
        }
      }
    }
  }

  private String line(AuditEntry entry, @Nullable Long sequence) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("at", entry.at().toString());
    values.put("action", entry.action());
    values.put("platform", platform);
    values.put("store", entry.store());
    if (entry.transaction() != null) {
      values.put("transaction", entry.transaction().toString());
    }
    if (entry.replacedBy() != null) {
      values.put("replacedBy", entry.replacedBy().toString());
    }
    values.put("by", entry.by());
    values.put("reason", entry.reason());
    values.put("log", logId.toString());
    if (sequence != null) {
      values.put("entry", sequence);
    }
    return JsonLine.write(values) + "\n";
  }

  private static AuditEntry entry(Map<String, Object> values) {
    return new AuditEntry(
        Instant.parse(text(values, "at")),
        text(values, "action"),
        text(values, "store"),
        id(values.get("transaction")),
        id(values.get("replacedBy")),
        text(values, "by"),
        text(values, "reason"));
  }

  private static String text(Map<String, Object> values, String name) {
    if (values.get(name) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("a line without " + name);
  }

  private static @Nullable TransactionId id(@Nullable Object text) {
    return text == null ? null : TransactionId.parse(text.toString());
  }

  /** As it is read in a log file; on one line, whatever a person has written. */
  private static String words(AuditEntry entry) {
    List<String> words = new ArrayList<>();
    words.add(entry.action());
    words.add("store=" + entry.store());
    if (entry.transaction() != null) {
      words.add("transaction=" + entry.transaction());
    }
    if (entry.replacedBy() != null) {
      words.add("replacedBy=" + entry.replacedBy());
    }
    StringBuilder said = new StringBuilder("by=");
    JsonLine.quote(entry.by(), said);
    said.append(" reason=");
    JsonLine.quote(entry.reason(), said);
    words.add(said.toString());
    return String.join(" ", words);
  }
}
