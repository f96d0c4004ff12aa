package io.rananeeti.testkit;

import static io.rananeeti.testkit.TransactionLogContract.entries;
import static io.rananeeti.testkit.TransactionLogContract.mark;
import static io.rananeeti.testkit.TransactionLogContract.transaction;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.rananeeti.Durability;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.time.Seams;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import io.rananeeti.testkit.LogImage.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.slf4j.LoggerFactory;

/**
 * Damage done to the files of a log between two opens. Whatever it is: what is served is what was
 * written, without a gap; what was acknowledged and is not served was named; a refusal has changed
 * nothing, so that the log opens with all its entries once the damage is undone.
 */
abstract class LogDamageContract {

  static final boolean FULL = Boolean.getBoolean("rananeeti.test.full");

  private static final int ENTRIES = 20;
  private static final int SALVAGED_ONE_IN = 8;
  private static final int BEHIND_THE_END = 4 << 10;
  private static final int ALL_OF_IT = 64 << 10;
  private static final Pattern NAMES_ENTRIES =
      Pattern.compile("entry \\d+|missing=[\\d,-]+|all its entries|from the first to the last");
  private static final Pattern WAY_OUT = Pattern.compile("-Drananeeti.accept-log-loss=([\\d,-]+)$");

  private final List<LogEntry> written = new ArrayList<>();
  private Path directory = Path.of("");
  private int whole;
  private int cut;
  private int refused;
  private int salvaged;

  /** Of the storage under test. */
  protected abstract LogStorage.Factory factory();

  /** How many places are flipped in a file that is too large for all of them. */
  protected abstract int sample();

  /** How many random damages one larger log gets. */
  protected abstract int randomDamages();

  /** Whether the storage can be written anew in another directory. */
  protected boolean salvages() {
    return true;
  }

  /** What the log's files hold. */
  protected LogImage read(Path of) throws IOException {
    return LogImage.of(of);
  }

  /** The log's files hold this from now on; none of them is open. */
  protected void write(LogImage image, Path to) throws IOException {
    image.writeTo(to);
  }

  /** What {@link #read} gives once this was written. */
  protected LogImage asWritten(LogImage image, Path to) throws IOException {
    return image;
  }

  /** A log, and what an open has to serve. */
  private record Template(
      LogImage image, List<LogEntry> written, long acknowledged, long proven, long first) {}

  @BeforeEach
  final void quietlyInMemory() throws IOException {
    loggers().forEach(logger -> logger.setLevel(Level.OFF));
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isWritable(memory)
            ? Files.createTempDirectory(memory, "rananeeti-damage")
            : Files.createTempDirectory("rananeeti-damage");
  }

  @AfterEach
  final void printAndDelete(TestInfo test) throws IOException {
    loggers().forEach(logger -> logger.setLevel(null));
    System.out.printf(
        "%s %s: whole=%d cut=%d refused=%d salvaged=%d%n",
        getClass().getSimpleName(), test.getDisplayName(), whole, cut, refused, salvaged);
    LogImage.EMPTY.writeTo(directory);
    Files.delete(directory);
  }

  @Test
  final void everyByteOfALogThatWasClosed() throws IOException {
    flipEveryByte(small(false));
  }

  @Test
  final void everyByteOfALogOfAKilledProcess() throws IOException {
    flipEveryByte(small(true));
  }

  @Test
  final void everyByteOfALogOfSeveralProcessesWhoseBeginningWasReleased() throws IOException {
    flipEveryByte(released());
  }

  @Test
  final void everyByteOfALogThatAcknowledgedWithoutAForce() throws IOException {
    flipEveryByte(unforced());
  }

  @Test
  final void everyTruncationOfALogThatWasClosed() throws IOException {
    cutEverywhere(small(false));
  }

  @Test
  final void everyTruncationOfALogOfAKilledProcess() throws IOException {
    cutEverywhere(small(true));
  }

  @Test
  final void everyFileDeletedSwappedOrTakenForAnother() throws IOException {
    for (Template template : List.of(small(false), small(true), released(), larger(true))) {
      List<String> names = template.image().names();
      for (String name : names) {
        check(template, template.image().without(name), "deleted " + name);
        check(template, template.image().with(name, new Content(new byte[0])), "emptied " + name);
        for (String other : names.size() < 40 ? names : names.subList(0, 5)) {
          swap(template, name, other);
        }
      }
      for (String segment : segments(names)) {
        check(template, template.image().without(segment), "deleted " + segment);
      }
    }
  }

  @Test
  final void randomDamagesOfALargerLogThatWasClosed() throws IOException {
    damageAtRandom(larger(false), 1);
  }

  @Test
  final void randomDamagesOfALargerLogOfAKilledProcess() throws IOException {
    damageAtRandom(larger(true), 1_000_001);
  }

  private void flipEveryByte(Template template) throws IOException {
    Random random = new Random(42);
    for (String name : template.image().names()) {
      Content content = template.image().get(name);
      for (int at : places(content, random)) {
        byte[] bytes = content.copy(at + 1);
        bytes[at] ^= (byte) (FULL ? 1 + random.nextInt(255) : 1 << random.nextInt(Byte.SIZE));
        check(
            template,
            template.image().with(name, content.with(bytes)),
            "seed=42 flipped %s at %d from %d to %d"
                .formatted(
                    name, at, at < content.bytes().length ? content.bytes()[at] : 0, bytes[at]));
      }
    }
  }

  private void cutEverywhere(Template template) throws IOException {
    Random random = new Random(43);
    for (String name : template.image().names()) {
      Content content = template.image().get(name);
      for (int length : places(content, random)) {
        check(
            template,
            template.image().with(name, content.cutTo(length)),
            "seed=43 cut %s to %d".formatted(name, length));
      }
    }
  }

  private void swap(Template template, String name, String other) throws IOException {
    LogImage image = template.image();
    Content there = image.get(other);
    check(template, image.with(name, there), "%s replaced by %s".formatted(name, other));
    if (name.compareTo(other) < 0) {
      LogImage swapped = image.with(name, there).with(other, image.get(name));
      check(template, swapped, "%s and %s swapped".formatted(name, other));
    }
  }

  private void damageAtRandom(Template template, long firstSeed) throws IOException {
    List<LogDamage> damages = List.of(LogDamage.values());
    List<String> names = template.image().names();
    for (long seed = firstSeed; seed < firstSeed + randomDamages(); seed++) {
      Random random = new Random(seed);
      String name = names.get(random.nextInt(names.size()));
      LogDamage damage = damages.get(random.nextInt(damages.size()));
      String what = "seed=%d %s %s".formatted(seed, damage, name);
      check(template, damage.of(template.image(), name, random), what);
    }
  }

  /** All places in what was written and some behind it; some of everything in a large file. */
  private int[] places(Content content, Random random) {
    int used = content.used();
    int end = (int) Math.min(content.length(), used + BEHIND_THE_END);
    if (FULL || content.length() < ALL_OF_IT) {
      return IntStream.range(0, end).toArray();
    }
    IntStream written =
        used <= ALL_OF_IT
            ? IntStream.range(0, used)
            : IntStream.concat(
                random.ints(sample(), 0, used),
                random.ints(3L * sample(), used - BEHIND_THE_END, used));
    return IntStream.concat(
            written, random.ints(used < end ? sample() : 0, used, Math.max(end, used + 1)))
        .toArray();
  }

  private void check(Template template, LogImage damaged, String what) throws IOException {
    write(damaged, directory);
    LogImage before = asWritten(damaged, directory);
    DurableLog log;
    try {
      log = open();
    } catch (LogFailedException refusal) {
      checkRefusal(refusal, before, what);
      checkWayOut(template, refusal, what);
      return;
    } catch (RuntimeException | Error broken) {
      throw new AssertionError(what, broken);
    }
    boolean evidenceIsGone = template.image().differences(damaged).contains("proof");
    try (log) {
      checkServed(template, log, evidenceIsGone, what);
    }
  }

  private void checkRefusal(LogFailedException refusal, LogImage before, String what)
      throws IOException {
    refused++;
    assertThat(refusal).as(what).message().containsPattern(NAMES_ENTRIES);
    assertThat(before.differences(read(directory)))
        .as("changed by a refusal to start, %s", what)
        .isSubsetOf("lock", "log-id");
  }

  /** With what was named left out, all that was written is there, and nothing else is left out. */
  private void checkWayOut(Template template, LogFailedException refusal, String what) {
    Matcher offered = WAY_OUT.matcher(String.valueOf(refusal.getMessage()));
    if (!salvages() || !offered.find() || (!FULL && refused % SALVAGED_ONE_IN != 1)) {
      return;
    }
    salvaged++;
    Set<Long> missing = sequences(offered.group(1));
    try (DurableLog log = open(Durability.FORCE, offered.group(1))) {
      List<LogEntry> served = entries(log, 1);
      served.remove(served.size() - 1);
      assertThat(served).as(what).isNotEmpty();
      for (LogEntry entry : served) {
        if (missing.remove(entry.sequence())) {
          assertThat(entry.record()).as(what).isInstanceOf(LogRecord.Lost.class);
        } else {
          LogEntry expected = template.written().get((int) entry.sequence() - 1);
          assertThat(entry).as(what).isEqualTo(expected);
        }
      }
      assertThat(missing).as("named and not left out, %s", what).isEmpty();
    } catch (RuntimeException | Error broken) {
      throw new AssertionError("salvaged after " + what, broken);
    }
  }

  private static Set<Long> sequences(String ranges) {
    Set<Long> sequences = new TreeSet<>();
    for (String range : ranges.split(",", -1)) {
      String[] ends = range.split("-", -1);
      LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]))
          .forEach(sequences::add);
    }
    return sequences;
  }

  private void checkServed(Template template, DurableLog log, boolean evidenceIsGone, String what) {
    List<LogEntry> served = entries(log, 1);
    LogEntry opened = served.remove(served.size() - 1);
    long last = opened.sequence() - 1;
    long first = last - served.size() + 1;
    assertThat(opened.record())
        .as(what)
        .isInstanceOfSatisfying(
            LogRecord.Opened.class,
            record -> assertThat(record.incarnation()).isEqualTo(log.incarnation()));
    assertThat(first).as(what).isLessThanOrEqualTo(Math.max(1, template.first()));
    assertThat(served).as(what).isEqualTo(template.written().subList((int) first - 1, (int) last));
    if (last < template.acknowledged()) {
      cut++;
      assertThat(log.warnings()).as(what).anyMatch(said -> said.contains("behind entry " + last));
      assertThat(evidenceIsGone || last >= template.proven())
          .as("acknowledged entries were cut off, %s", what)
          .isTrue();
    } else {
      whole++;
    }
  }

  /** A log of one process, that was closed or left with two entries nobody was told of. */
  private Template small(boolean killed) throws IOException {
    begin();
    Template template;
    try (DurableLog log = open()) {
      opened(log);
      IntStream.rangeClosed(2, ENTRIES).forEach(number -> append(log, number, 20));
      log.force(ENTRIES);
      append(log, ENTRIES + 1, 20);
      append(log, ENTRIES + 2, 20);
      template = template(killed ? ENTRIES : ENTRIES + 2, 1);
    }
    return killed ? template : closed(template);
  }

  /** A log of a killed process that was told to force nothing. */
  private Template unforced() throws IOException {
    begin();
    try (DurableLog log = open(Durability.PROCESS)) {
      opened(log);
      IntStream.rangeClosed(2, ENTRIES).forEach(number -> append(log, number, 20));
      log.acknowledge(ENTRIES);
      LogImage image = read(directory).withShortHoles();
      return new Template(image, List.copyOf(written), ENTRIES, 1, 1);
    }
  }

  /** A log of three processes, of which the last was killed; the file of the first is gone. */
  private Template released() throws IOException {
    begin();
    for (int process = 1; process <= 2; process++) {
      try (DurableLog log = open()) {
        opened(log);
        IntStream.rangeClosed(1, 6).forEach(number -> append(log, number, 30));
      }
    }
    try (DurableLog log = open()) {
      opened(log);
      IntStream.rangeClosed(1, 6).forEach(number -> append(log, number, 30));
      log.force(written.size());
      log.release(10);
      append(log, 1, 30);
      return template(written.size() - 1, 10);
    }
  }

  /** Several processes, entries of a few bytes and of several blocks. */
  private Template larger(boolean killed) throws IOException {
    begin();
    Random random = new Random(7);
    Template template = template(0, 1);
    for (int process = 1; process <= 4; process++) {
      try (DurableLog log = open()) {
        opened(log);
        for (int number = 1; number <= 25; number++) {
          append(log, number, random.nextInt(8) == 0 ? random.nextInt(12_000) : 50);
        }
        log.force(written.size());
        template = template(written.size(), 1);
      }
    }
    return killed ? template : closed(template);
  }

  private void begin() throws IOException {
    written.clear();
    write(LogImage.EMPTY, directory);
  }

  private Template template(long acknowledged, long first) throws IOException {
    LogImage image = read(directory).withShortHoles();
    return new Template(image, List.copyOf(written), acknowledged, acknowledged, first);
  }

  private Template closed(Template open) throws IOException {
    return new Template(
        read(directory), open.written(), open.acknowledged(), open.proven(), open.first());
  }

  private void opened(DurableLog log) {
    written.addAll(entries(log, written.size() + 1L));
  }

  private void append(DurableLog log, int number, int size) {
    LogRecord record =
        switch (number % 3) {
          case 0 -> mark(number);
          case 1 -> new LogRecord.Registered("note-" + number, new UUID(1, number));
          default -> new LogRecord.Accepted(transaction(number, "x".repeat(size)), false);
        };
    written.add(new LogEntry(log.append(record), record));
  }

  private static List<String> segments(List<String> names) {
    return names.stream()
        .filter(name -> name.contains("/segment-"))
        .map(name -> name.substring(0, name.lastIndexOf('/')))
        .distinct()
        .toList();
  }

  private static Stream<Logger> loggers() {
    return Stream.of("io.rananeeti.internal.log", "net.openhft")
        .map(name -> (Logger) LoggerFactory.getLogger(name));
  }

  private DurableLog open() {
    return open(Durability.FORCE);
  }

  private DurableLog open(Durability durability) {
    return open(durability, null);
  }

  private DurableLog open(Durability durability, @Nullable String acceptedLoss) {
    LogLimits limits = new LogLimits(1L << 40, 0);
    LogOptions options = new LogOptions(limits, durability, false, acceptedLoss);
    return DurableLog.open(directory, factory(), options, Seams.system(), "damage");
  }
}
