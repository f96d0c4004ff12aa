package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.rananeeti.Availability;
import io.rananeeti.Durability;
import io.rananeeti.Health;
import io.rananeeti.LogStorageType;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an application has committed in some outages, through a whole platform with its log on real
 * files, is read from the archive by Jackson, which knows nothing of the log: the same transactions
 * in the same order.
 */
@Timeout(value = 100, unit = TimeUnit.MINUTES)
final class ArchiveIT {

  private static final int TRANSACTIONS =
      Boolean.getBoolean("rananeeti.test.full") ? 1_000_000 : 20_000;
  private static final int OUTAGES = 10;
  private static final int OF_THIS_OPEN = 100;
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(11);
  private static final String SQL = "UPDATE orders SET item = ? WHERE id = ?";

  private final ManualSeams seams = new ManualSeams(1);
  private final InMemoryDatabase database = new InMemoryDatabase(seams);
  private final MessageDigest committed = Sha256.begin();
  private final MessageDigest archived = Sha256.begin();
  private final Map<String, Long> kinds = new TreeMap<>();
  private long unpacked;

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init")
  ArchiveIT() {}

  @Test
  void whatWasCommittedIsReadByJackson() throws Exception {
    database.createTable("orders");
    try (ManualPlatform manual =
        ManualPlatform.open(
            database,
            seams,
            directory.resolve("log"),
            builder ->
                builder
                    .logStorage(LogStorageType.FILE)
                    .durability(Durability.PROCESS)
                    .archive(directory.resolve("archive").toString()))) {
      long start = System.nanoTime();
      commitAll(manual);
      long drained = System.nanoTime();
      archiveAll(manual);
      long written = System.nanoTime();
      readAll();
      report(start, drained, written, System.nanoTime());
    }

    assertThat(hex(archived)).isEqualTo(hex(committed));
    assertThat(kinds).containsEntry("accepted", (long) TRANSACTIONS);
    assertThat(kinds).containsEntry("mark", (long) TRANSACTIONS);
    assertThat(kinds).isEqualTo(kindsOfTheIndexes());
  }

  private void commitAll(ManualPlatform manual) throws Exception {
    manual.awaitState(Availability.UP);
    try (PlatformConnection connection = manual.connect()) {
      PlatformRules.insert(connection, PlatformRules.INSERT, "the-order", "nothing");
    }
    for (int outage = 0; outage < OUTAGES; outage++) {
      database.faults().unreachable(true);
      manual.awaitState(Availability.DOWN);
      try (PlatformConnection connection = manual.connect()) {
        connection.setAutoCommit(false);
        for (int i = 0; i < TRANSACTIONS / OUTAGES; i++) {
          commit(connection, "item %d of outage %d, \u00fcber and above".formatted(i, outage));
        }
      }
      database.faults().heal();
      manual.drain();
    }
  }

  private void commit(PlatformConnection connection, String item) throws Exception {
    PlatformRules.insert(connection, SQL, item, "the-order");
    connection.commit();
    Receipt receipt = Objects.requireNonNull(connection.receipt());
    add(committed, receipt.id(), item);
  }

  private static void add(MessageDigest digest, TransactionId id, String item) {
    digest.update((id + " " + item + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** The log begins anew twice: what is before the last beginning is an object, however small. */
  private void archiveAll(ManualPlatform manual) throws Exception {
    for (int open = 0; open < 2; open++) {
      manual.close();
      manual.reopen();
      manual.awaitState(Availability.UP);
      manual.tick(HOUSEKEEPING);
      awaitArchived(manual);
    }
  }

  private static void awaitArchived(ManualPlatform manual) throws Exception {
    AtomicLong archived = new AtomicLong();
    while (!isArchived(manual)) {
      manual.await(
          "one more object",
          () -> isArchived(manual) || health(manual).archived() > archived.get());
      archived.set(health(manual).archived());
    }
  }

  private static boolean isArchived(ManualPlatform manual) {
    return health(manual).archived() > 0 && health(manual).waiting() < OF_THIS_OPEN;
  }

  private static Health.Archive health(ManualPlatform manual) {
    return Objects.requireNonNull(manual.platform().health().archive());
  }

  private void readAll() throws IOException {
    for (Path object : objects(".cbor.gz")) {
      read(object);
    }
  }

  private void read(Path object) throws IOException {
    ObjectReader jackson = new CBORMapper().readerFor(JsonNode.class);
    MessageDigest digest = Sha256.begin();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(object), 1 << 16);
        InputStream in = new DigestInputStream(new GZIPInputStream(file, 1 << 16), digest);
        MappingIterator<JsonNode> items = jackson.readValues(in)) {
      assertThat(items.next().get("format").textValue()).isEqualTo("rananeeti-archive");
      while (items.hasNext()) {
        take(items.next());
      }
    }
    String name = String.valueOf(object.getFileName());
    String index = name.substring(0, name.length() - "-0123456789abcdef.cbor.gz".length());
    JsonNode said = index(object.resolveSibling(index + ".index.cbor"));
    assertThat(hex(digest))
        .isEqualTo(HexFormat.of().formatHex(said.get("contentSha256").binaryValue()));
    unpacked += said.get("contentBytes").longValue();
  }

  private void take(JsonNode item) throws IOException {
    kinds.merge(item.get("kind").textValue(), 1L, Long::sum);
    if (item.get("kind").textValue().equals("accepted")) {
      JsonNode transaction = item.get("record").get("1");
      JsonNode operation = transaction.get("2").get(0);
      assertThat(operation.get("0").textValue()).isEqualTo(SQL);
      ByteBuffer uuid = ByteBuffer.wrap(transaction.get("0").get(0).binaryValue());
      TransactionId id =
          new TransactionId(
              new UUID(uuid.getLong(), uuid.getLong()), transaction.get("0").get(1).longValue());
      add(archived, id, operation.get("2").get(0).get(0).get("1").textValue());
    }
  }

  private Map<String, Long> kindsOfTheIndexes() throws IOException {
    Map<String, Long> sums = new TreeMap<>();
    for (Path path : objects(".index.cbor")) {
      index(path)
          .get("kinds")
          .properties()
          .forEach(kind -> sums.merge(kind.getKey(), kind.getValue().longValue(), Long::sum));
    }
    return sums;
  }

  private static JsonNode index(Path path) throws IOException {
    return new CBORMapper().readTree(path.toFile());
  }

  private List<Path> objects(String ending) throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("archive"))) {
      return all.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private void report(long start, long drained, long written, long read) throws IOException {
    long packed = 0;
    for (Path object : objects(".cbor.gz")) {
      packed += Files.size(object);
    }
    System.out.printf(
        "archive: transactions=%d objects=%d unpacked=%d packed=%d committed and drained in %d ms, archived in %d ms, read in %d ms%n",
        TRANSACTIONS,
        objects(".cbor.gz").size(),
        unpacked,
        packed,
        (drained - start) / 1_000_000,
        (written - drained) / 1_000_000,
        (read - written) / 1_000_000);
  }
}
