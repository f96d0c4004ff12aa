package io.rananeeti.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rananeeti.Durability;
import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.archive.ArchiveCommand;
import io.rananeeti.internal.archive.ArchiveSize;
import io.rananeeti.internal.archive.ArchiveUpload;
import io.rananeeti.internal.archive.DirectoryArchive;
import io.rananeeti.internal.log.DurableLog;
import io.rananeeti.internal.log.LogLimits;
import io.rananeeti.internal.log.LogOptions;
import io.rananeeti.internal.storage.FileStorage;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Context;
import io.rananeeti.store.Intent;
import io.rananeeti.store.Isolation;
import io.rananeeti.store.Operation;
import io.rananeeti.store.Parameter;
import io.rananeeti.store.Parameter.Kind;
import io.rananeeti.store.Refusal;
import io.rananeeti.store.Transaction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says of an archive of some transactions, one of which was refused. */
final class ArchiveCommandTest {

  private static final int TRANSACTIONS = 10;
  private static final int REFUSED = 3;
  private static final List<String> SECRETS =
      List.of("ann@example.org", "tenant-7", "intent-1", "literal-1", "refused-1");

  private final TickedSeams seams = new TickedSeams();
  private final Path log;
  private final Path archive;
  private String out = "";
  private String err = "";
  private TransactionId last = new TransactionId(new UUID(1, 2), 1);

  ArchiveCommandTest(@TempDir Path directory) {
    log = directory.resolve("log");
    archive = directory.resolve("archive");
  }

  @BeforeEach
  void write() throws IOException {
    LogOptions options = new LogOptions(new LogLimits(1L << 40, 0), Durability.PROCESS, false);
    try (DurableLog opened = DurableLog.open(log, FileStorage::open, options, seams, "shop");
        DirectoryArchive storage = new DirectoryArchive(archive)) {
      for (int i = 1; i <= TRANSACTIONS; i++) {
        last = new TransactionId(opened.incarnation(), i);
        long entry = opened.append(new LogRecord.Accepted(transaction(last, i), false));
        opened.append(mark(entry, last, i == REFUSED));
        seams.tick(Duration.ofSeconds(1));
      }
      opened.force(opened.append(new LogRecord.Lost(seams.now())));
      Archiver archiver =
          new Archiver(
              new Archiver.Source(
                  opened, "shop", opened.id(), opened.incarnation(), opened.forced()),
              new Archiver.Target(
                  new ArchiveUpload(storage, any -> true),
                  log.resolve("draft"),
                  new ArchiveSize(700, 300)),
              seams);
      archiver.archivedBelow(opened.forced() + 1);
      while (archiver.attempt()) {
        assertThat(archiver.warnings()).isEmpty();
      }
    }
  }

  private LogRecord.Mark mark(long entry, TransactionId id, boolean refused) {
    return refused
        ? new LogRecord.Mark(
            entry, id, Outcome.REFUSED, new Refusal("23505", "refused-1"), null, seams.now())
        : new LogRecord.Mark(entry, id, Outcome.APPLIED, null, null, seams.now());
  }

  private Transaction transaction(TransactionId id, int i) {
    Operation prepared =
        new Operation(
            "INSERT INTO t VALUES (?, ?)",
            true,
            List.of(
                List.of(
                    Parameter.of(Kind.STRING, "ann@example.org"), Parameter.of(Kind.INT64, 42L))),
            List.of(1L));
    Operation text =
        new Operation("UPDATE t SET a = 'literal-1'", false, List.of(List.of()), List.of(1L));
    return new Transaction(
        id,
        "orders",
        List.of(prepared, text),
        new Context(Isolation.SERIALIZABLE, Map.of("role", "tenant-7"), null),
        i % 2 == 0 ? "even" : null,
        null,
        seams.now(),
        null,
        new Intent("intent-1", "ab".repeat(32)));
  }

  @Test
  void listsWhatIsThere() throws IOException {
    assertThat(run("archive", "list", archive.toString())).isZero();

    List<JsonNode> lines = lines();
    assertThat(lines).hasSizeGreaterThan(2);
    long next = 1;
    for (JsonNode line : lines) {
      assertThat(line.get("platform").textValue()).isEqualTo("shop");
      assertThat(line.get("first").longValue()).isEqualTo(next);
      assertThat(Files.size(archive.resolve(line.get("object").textValue())))
          .isEqualTo(line.get("bytes").longValue());
      next = line.get("last").longValue() + 1;
    }
  }

  @Test
  void readsTheEntriesAndShowsNoParameters() throws IOException {
    assertThat(run("read", archive.toString())).isZero();

    assertThat(lines()).hasSizeGreaterThan(TRANSACTIONS);
    assertThat(out).doesNotContain(SECRETS).contains("INSERT INTO t VALUES (?, ?)");
    JsonNode accepted = lines().get(1);
    assertThat(accepted.get("kind").textValue()).isEqualTo("accepted");
    JsonNode operation = accepted.get("record").get("transaction").get("operations").get(0);
    assertThat(operation.get("rows").get(0).get(0).get("kind").textValue()).isEqualTo("STRING");
  }

  @Test
  void showsParametersIfAsked() throws IOException {
    assertThat(run("read", archive.toString(), "--show-parameters")).isZero();

    assertThat(out).contains(SECRETS);
    JsonNode operation = lines().get(1).get("record").get("transaction").get("operations").get(0);
    assertThat(operation.get("rows").get(0).get(1).get("value").longValue()).isEqualTo(42);
  }

  @Test
  void findsATransactionAndWhatBecameOfIt() throws IOException {
    TransactionId second = new TransactionId(last.incarnation(), 2);

    assertThat(run("read", archive.toString(), "--id", second.toString())).isZero();

    assertThat(lines())
        .extracting(line -> line.get("kind").textValue())
        .containsExactly("accepted", "mark");
    assertThat(lines().get(1).get("record").get("outcome").textValue()).isEqualTo("APPLIED");
  }

  @Test
  void findsThoseOfAnOrderingKey() throws IOException {
    assertThat(run("read", archive.toString(), "--ordering-key", "even")).isZero();

    assertThat(lines()).hasSizeGreaterThan(6);
    for (JsonNode line : lines()) {
      JsonNode record = line.get("record");
      JsonNode id = record.has("id") ? record.get("id") : record.get("transaction").get("id");
      assertThat(TransactionId.parse(id.textValue()).number()).isEven();
    }
    assertThat(lines())
        .extracting(line -> line.get("kind").textValue())
        .contains("accepted", "mark");
  }

  @Test
  void findsThoseOfATime() throws IOException {
    Instant from = TickedSeams.START.plusSeconds(2);

    assertThat(
            run(
                "read",
                archive.toString(),
                "--from",
                from.toString(),
                "--to",
                from.plusSeconds(1).toString()))
        .isZero();

    assertThat(lines()).hasSize(2);
  }

  @Test
  void findsOneEntry() throws IOException {
    assertThat(run("read", archive.toString(), "--entry", "6")).isZero();

    assertThat(lines())
        .singleElement()
        .satisfies(line -> assertThat(line.get("sequence").longValue()).isEqualTo(6));
  }

  @Test
  void verifiesWhatIsWhole() throws IOException {
    assertThat(run("verify", archive.toString(), "--platform", "shop")).isZero();

    assertThat(lines()).allMatch(line -> line.get("verified").textValue().equals("true"));
  }

  @Test
  void findsEachFlippedBit() throws IOException {
    Path object = objects(".cbor.gz").get(1);
    byte[] bytes = Files.readAllBytes(object);
    for (int at = 0; at < bytes.length; at += 7) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      Files.write(object, damaged);

      assertThat(run("verify", archive.toString())).as("byte %d", at).isEqualTo(1);
    }
  }

  @Test
  void findsWhatIsMissingBetweenTwoObjects() throws IOException {
    Files.delete(objects(".index.cbor").get(1));

    assertThat(run("list", archive.toString())).isEqualTo(1);

    assertThat(lines().get(1).get("missing").textValue()).isEqualTo("true");
    assertThat(lines().get(1).get("first").longValue())
        .isEqualTo(lines().get(0).get("last").longValue() + 1);
  }

  @Test
  void saysWhatCanBeAsked() {
    assertThat(run("read")).isEqualTo(2);
    assertThat(err).contains("archive list");
    assertThat(run("list", archive.toString(), "--show-parameters")).isEqualTo(2);
    assertThat(run("read", archive.toString(), "--from", "yesterday")).isEqualTo(2);
    assertThat(run("read", "s4://bucket")).isEqualTo(2);
    assertThat(err).contains("s4://bucket");
  }

  private int run(String... arguments) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    PrintStream toOut = new PrintStream(said, true, StandardCharsets.UTF_8);
    PrintStream toErr = new PrintStream(complained, true, StandardCharsets.UTF_8);
    int result = new ArchiveCommand(toOut, toErr).run(List.of(arguments));
    out = said.toString(StandardCharsets.UTF_8);
    err = complained.toString(StandardCharsets.UTF_8);
    return result;
  }

  private List<JsonNode> lines() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  private List<Path> objects(String ending) throws IOException {
    try (Stream<Path> all = Files.walk(archive)) {
      return all.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    }
  }
}
