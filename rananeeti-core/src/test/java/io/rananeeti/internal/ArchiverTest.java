package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.rananeeti.Durability;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.archive.ArchiveReader;
import io.rananeeti.internal.archive.ArchiveSize;
import io.rananeeti.internal.archive.ArchiveUpload;
import io.rananeeti.internal.archive.DirectoryArchive;
import io.rananeeti.internal.codec.ArchiveCodec.Item;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.ArchiveStorage;
import io.rananeeti.log.LogCursor;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Transaction;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archiver, step by step, in the test's thread. */
final class ArchiverTest {

  private static final ArchiveSize SMALL = new ArchiveSize(4_000, 1_000);
  private static final int MANY = 100;

  private final Faulty storage;
  private final TickedSeams seams = new TickedSeams();
  private final Set<UUID> known = new HashSet<>();
  private final Path log;
  private final Path files;

  ArchiverTest(@TempDir Path directory) {
    log = directory.resolve("log");
    files = directory.resolve("archive");
    storage = new Faulty(new DirectoryArchive(files));
  }

  @Test
  void archivesWhatIsSettledAndNothingElse() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      long settled = opened.forced() / 2;

      assertThat(archiver.archivedBelow(settled)).isEqualTo(1);
      runAll(archiver);

      long below = archiver.archivedBelow(settled);
      assertThat(below).isBetween(2L, settled);
      assertThat(archived()).isEqualTo(entries(opened).subList(0, (int) below - 1));
      assertThat(archiver.health().waiting()).isEqualTo(settled - below);
    }
  }

  @Test
  void anObjectEndsWhereItIsLargeEnough() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);

      archiver.archivedBelow(Long.MAX_VALUE);
      runAll(archiver);

      List<ArchiveIndex> indexes = indexes();
      assertThat(indexes).hasSizeGreaterThan(3);
      for (ArchiveIndex index : indexes) {
        assertThat(index.data().contentBytes()).isBetween(4_000L, 5_000L);
        assertThat(index.data().members()).hasSizeGreaterThan(2);
        assertThat(index.name().incarnation()).isEqualTo(opened.incarnation());
      }
    }
  }

  /** Also the rest of an earlier open, however small. */
  @Test
  void anObjectEndsWithTheOpenOfTheLog() throws IOException {
    UUID first;
    try (DurableLog opened = open()) {
      first = opened.incarnation();
      append(opened, 3);
    }
    try (DurableLog opened = open()) {
      append(opened, 3);
      Archiver archiver = archiver(opened);

      archiver.archivedBelow(Long.MAX_VALUE);
      runAll(archiver);

      assertThat(indexes()).hasSize(1);
      ArchiveName name = indexes().get(0).name();
      assertThat(name).isEqualTo(new ArchiveName("shop", opened.id(), 1, name.last(), first));
      assertThat(name.last()).isEqualTo(8);
    }
  }

  @Test
  void anObjectEndsWithTheDay() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, 2);
      seams.tick(Duration.ofDays(1));
      append(opened, 2);
      Archiver archiver = archiver(opened);

      archiver.archivedBelow(Long.MAX_VALUE);
      runAll(archiver);

      assertThat(indexes()).hasSize(1);
      assertThat(indexes().get(0).name().last()).isEqualTo(6);
    }
  }

  @Test
  void isReadByJackson() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(Long.MAX_VALUE);
      runAll(archiver);

      List<JsonNode> items = new ArrayList<>();
      for (ArchiveIndex index : indexes()) {
        items.addAll(readByJackson(index));
      }

      List<LogEntry> entries = entries(opened);
      assertThat(items).hasSizeGreaterThan(MANY);
      for (int i = 0; i < items.size(); i++) {
        assertThat(items.get(i).get("sequence").longValue()).isEqualTo(i + 1);
        if (entries.get(i).record() instanceof LogRecord.Accepted accepted) {
          assertThat(items.get(i).get("kind").textValue()).isEqualTo("accepted");
          JsonNode transaction = items.get(i).get("record").get("1");
          assertThat(transaction.get("1").textValue()).isEqualTo(accepted.transaction().store());
          assertThat(transaction.get("0").get(1).longValue())
              .isEqualTo(accepted.transaction().id().number());
        }
      }
      JsonNode index =
          new CBORMapper().readTree(files.resolve(indexes().get(0).name().index()).toFile());
      assertThat(index.get("format").textValue()).isEqualTo("rananeeti-archive-index");
      assertThat(index.get("first").longValue()).isEqualTo(1);
      assertThat(index.get("kinds").get("accepted").longValue())
          .isEqualTo(indexes().get(0).kinds().get("accepted"));
    }
  }

  @Test
  void oneEntryIsReadWithoutTheOthers() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(Long.MAX_VALUE);
      runAll(archiver);
      ArchiveIndex index = indexes().get(1);
      long wanted = index.name().last() - 1;
      storage.readBytes = 0;
      List<LogEntry> found = new ArrayList<>();

      new ArchiveReader(storage).read(index, wanted, item -> found.add(entry(item)));

      assertThat(found).containsExactly(entries(opened).get((int) wanted - 1));
      assertThat(storage.readBytes).isLessThan(index.data().bytes() / 2);
    }
  }

  @Test
  void theLogKeepsWhatCannotBeArchivedAndItIsArchivedLater() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      storage.down = true;
      Archiver archiver = archiver(opened);

      archiver.archivedBelow(opened.forced());
      runAll(archiver);
      seams.tick(Duration.ofDays(2));
      runAll(archiver);

      assertThat(archiver.archivedBelow(opened.forced())).isEqualTo(1);
      assertThat(archiver.health().failingSince()).isEqualTo(TickedSeams.START);
      assertThat(archiver.warnings()).singleElement().asString().contains("it is down");

      storage.down = false;
      runAll(archiver);

      assertThat(archiver.archivedBelow(opened.forced())).isGreaterThan(MANY);
      assertThat(archiver.warnings()).isEmpty();
      assertThat(archiver.health().failingSince()).isNull();
    }
  }

  /** Before the entries, between them and their index, and behind both. */
  @Test
  void whatIsArchivedAgainAfterACrashIsTheSame() throws IOException {
    for (int puts = 0; puts < 6; puts++) {
      storage.putsLeft = puts;
      try (DurableLog opened = open()) {
        append(opened, MANY);
        Archiver archiver = archiver(opened);
        archiver.archivedBelow(opened.forced());
        runAll(archiver);
      }
    }
    storage.putsLeft = Integer.MAX_VALUE;
    try (DurableLog opened = open()) {
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(opened.forced());
      runAll(archiver);

      assertThat(archived()).isEqualTo(entries(opened).subList(0, (int) opened.forced() - 1));
      assertThat(indexes().stream().map(ArchiveIndex::dataName).sorted())
          .isEqualTo(dataFiles().stream().sorted().toList());
    }
  }

  /** The database has it all; what an application commits next is worth more. */
  @Test
  void aFullLogGivesUpTheOldestOfWhatCannotBeArchived() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      storage.down = true;
      Archiver archiver = archiver(opened);
      long settled = opened.forced();
      archiver.archivedBelow(settled);
      runAll(archiver);

      assertThat(archiver.makeRoom()).isTrue();

      long below = archiver.archivedBelow(settled);
      assertThat(below).isBetween(2L, settled / 8);
      assertThat(archiver.warnings()).anyMatch(warning -> warning.contains("had no room"));

      storage.down = false;
      runAll(archiver);

      assertThat(indexes().get(0).name().first()).isEqualTo(below);
      assertThat(archiver.health().givenUp()).isEqualTo(below - 1);
    }
  }

  @Test
  void aFullLogGivesAnArchiveThatGetsOnTimeFirst() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(opened.forced());

      assertThat(archiver.makeRoom()).isFalse();
      seams.tick(Duration.ofSeconds(9));
      assertThat(archiver.makeRoom()).isFalse();
      assertThat(archiver.attempt()).isTrue();

      assertThat(archiver.makeRoom()).isTrue();
      assertThat(archiver.health().givenUp()).isZero();
      archiver.archivedBelow(opened.forced());
      assertThat(archiver.makeRoom()).isFalse();
      seams.tick(Duration.ofSeconds(10));
      assertThat(archiver.makeRoom()).isTrue();
      assertThat(archiver.health().givenUp()).isPositive();
    }
  }

  /** Nothing is given up for want of what would make an object larger. */
  @Test
  void aFullLogGetsWhatIsBegunHoweverSmall() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, 4);
      Archiver archiver = archiver(opened);
      long settled = opened.forced() - 1;
      archiver.archivedBelow(settled);
      runAll(archiver);
      assertThat(archiver.archivedBelow(settled)).isEqualTo(1);

      assertThat(archiver.makeRoom()).isFalse();
      runAll(archiver);

      assertThat(archiver.makeRoom()).isTrue();
      assertThat(archiver.archivedBelow(settled)).isEqualTo(settled);
      assertThat(archiver.health().givenUp()).isZero();
      assertThat(archived()).isEqualTo(entries(opened).subList(0, (int) settled - 1));
      assertThat(archiver.makeRoom()).isFalse();
    }
  }

  @Test
  void aFullLogHasNothingToGiveUpIfNothingIsSettled() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(1);

      assertThat(archiver.makeRoom()).isFalse();
      assertThat(archiver.holdsBack()).isFalse();
    }
  }

  @Test
  void otherBytesUnderItsNameAreAnAlarmAndKeepTheLog() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver first = archiver(opened);
      first.archivedBelow(Long.MAX_VALUE);
      runAll(first);
      ArchiveIndex index = indexes().get(0);
      for (ArchiveIndex each : indexes()) {
        Files.delete(files.resolve(each.name().index()));
      }
      Files.writeString(files.resolve(index.dataName()), "something else");

      Archiver second = archiver(opened);
      second.archivedBelow(opened.forced());
      runAll(second);

      assertThat(second.archivedBelow(opened.forced())).isEqualTo(1);
      assertThat(second.warnings()).singleElement().asString().contains(index.dataName());
    }
  }

  /** A copy of the log that goes on has the same numbers for other entries. */
  @Test
  void whatACopyOfTheLogHasArchivedIsNotTakenForItsOwn() throws IOException {
    UUID id;
    try (DurableLog opened = open()) {
      id = opened.id();
      append(opened, 3);
    }
    ArchiveName copys = new ArchiveName("shop", id, 1, 40, UUID.randomUUID());
    Path index = files.resolve(copys.index());
    Files.createDirectories(index.getParent());
    Files.writeString(index, "");
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(opened.forced());
      runAll(archiver);
      Files.delete(index);

      assertThat(archived()).hasSizeGreaterThan(MANY).startsWith(entries(opened).get(0));
    }
  }

  @Test
  void leavesNoDraftBehind() throws IOException {
    try (DurableLog opened = open()) {
      append(opened, MANY);
      Archiver archiver = archiver(opened);
      archiver.archivedBelow(opened.forced());
      archiver.stop();

      archiver.run();

      assertThat(Files.exists(draft())).isFalse();
      assertThat(archiver.archivedBelow(0)).isEqualTo(1);
    }
  }

  private DurableLog open() {
    LogOptions options = new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false);
    DurableLog opened = DurableLog.open(log, FileStorage::open, options, seams, "shop");
    known.add(opened.incarnation());
    return opened;
  }

  private Path draft() {
    return log.resolve("archive-draft");
  }

  private Archiver archiver(DurableLog opened) {
    return new Archiver(
        new Archiver.Source(opened, "shop", opened.id(), opened.incarnation(), opened.forced()),
        new Archiver.Target(new ArchiveUpload(storage, known::contains), draft(), SMALL),
        seams);
  }

  private static void runAll(Archiver archiver) {
    boolean more = true;
    while (more) {
      more = archiver.attempt();
    }
  }

  private void append(DurableLog opened, int transactions) {
    for (int i = 0; i < transactions; i++) {
      TransactionId id = new TransactionId(opened.incarnation(), i + 1);
      long entry = opened.append(new LogRecord.Accepted(transaction(id, "key-" + i), false));
      opened.append(new LogRecord.Mark(entry, id, Outcome.APPLIED, null, null, seams.now()));
    }
    opened.force(opened.append(new LogRecord.Lost(seams.now())));
  }

  private Transaction transaction(TransactionId id, String key) {
    return new Transaction(
        id, "orders", List.of(), Context.NONE, key, null, seams.now(), null, null);
  }

  private static List<LogEntry> entries(DurableLog opened) {
    List<LogEntry> entries = new ArrayList<>();
    try (LogCursor cursor = opened.read(1)) {
      for (LogEntry entry = cursor.next(); entry != null; entry = cursor.next()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private List<ArchiveIndex> indexes() throws IOException {
    ArchiveReader reader = new ArchiveReader(storage);
    List<ArchiveIndex> indexes = new ArrayList<>();
    reader.names("", name -> indexes.add(reader.index(name)));
    return indexes;
  }

  /** By the library's own reader, which compares digests. */
  private List<LogEntry> archived() throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    for (ArchiveIndex index : indexes()) {
      new ArchiveReader(storage).read(index, item -> entries.add(entry(item)));
    }
    return entries;
  }

  private static LogEntry entry(Item item) {
    return new LogEntry(item.sequence(), Objects.requireNonNull(item.record()));
  }

  private List<JsonNode> readByJackson(ArchiveIndex index) throws IOException {
    CBORMapper jackson = new CBORMapper();
    try (InputStream file = Files.newInputStream(files.resolve(index.dataName()));
        InputStream in = new GZIPInputStream(new BufferedInputStream(file));
        MappingIterator<JsonNode> items = jackson.readerFor(JsonNode.class).readValues(in)) {
      JsonNode header = items.next();
      assertThat(header.get("format").textValue()).isEqualTo("rananeeti-archive");
      assertThat(header.get("platform").textValue()).isEqualTo("shop");
      return items.readAll();
    }
  }

  private List<String> dataFiles() throws IOException {
    return storage.list("", "", Integer.MAX_VALUE).stream()
        .map(ArchiveStorage.Stored::name)
        .filter(name -> name.endsWith(ArchiveName.DATA))
        .toList();
  }

  /** Can be down, die between two puts, and counts what is read. */
  private static final class Faulty implements ArchiveStorage {

    private final ArchiveStorage real;
    private boolean down;
    private int putsLeft = Integer.MAX_VALUE;
    private long readBytes;

    Faulty(ArchiveStorage real) {
      this.real = real;
    }

    private void refuseIfDown() throws IOException {
      if (down) {
        throw new IOException("it is down");
      }
    }

    @Override
    public boolean put(String name, Path file, long bytes, String sha256) throws IOException {
      refuseIfDown();
      if (putsLeft-- <= 0) {
        throw new IOException("the process dies");
      }
      return real.put(name, file, bytes, sha256);
    }

    @Override
    public List<Stored> list(String prefix, String after, int most) throws IOException {
      refuseIfDown();
      return real.list(prefix, after, most);
    }

    @Override
    public InputStream open(String name, long from) throws IOException {
      refuseIfDown();
      InputStream in = real.open(name, from);
      return new FilterInputStream(in) {
        @Override
        public int read(byte[] buffer, int at, int length) throws IOException {
          int read = super.read(buffer, at, length);
          readBytes += Math.max(0, read);
          return read;
        }
      };
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
