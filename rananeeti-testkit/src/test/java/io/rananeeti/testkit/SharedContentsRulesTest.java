package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.DeadLetter;
import io.rananeeti.PlatformConnection;
import io.rananeeti.Receipt;
import io.rananeeti.SharedDurability;
import io.rananeeti.TransactionId;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.log.ContentStorage;
import io.rananeeti.log.LogRecord;
import io.rananeeti.store.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content of nodes that share a log: where it is when, who reads it, and when it goes. */
final class SharedContentsRulesTest extends PlatformRules {

  /** Larger than what an entry may have on the simulated disk. */
  private static final String LONG = "\u0928".repeat(700_000);

  private static final long BYTES = 2_100_000;

  private final InMemorySharedStorage shared = new InMemorySharedStorage(seams);
  private final InMemoryContents contents = new InMemoryContents();
  private @Nullable ManualPlatform second;

  @TempDir private Path elsewhere;

  SharedContentsRulesTest() {}

  @AfterEach
  void closeTheSecond() {
    if (second != null) {
      second.close();
    }
  }

  private DataPlatform.Builder sharing(DataPlatform.Builder builder, String node) {
    return builder.sharedLog(shared.node(node)).sharedContents(contents.node(node));
  }

  private void openFirst() throws Exception {
    open(builder -> sharing(builder, "one"));
  }

  /** What this one has taken is in its copy, however slow the machine is. */
  private void openFirstSurely() throws Exception {
    open(
        builder ->
            sharing(builder, "one")
                .sharedDurability(SharedDurability.BOTH)
                .inDoubtWait(Duration.ofMinutes(2)));
  }

  /** Another node, which lives from now on. */
  private ManualPlatform openSecond(boolean hasPlace) throws Exception {
    ManualPlatform opened =
        ManualPlatform.open(
            database,
            seams,
            elsewhere,
            builder -> hasPlace ? sharing(builder, "two") : builder.sharedLog(shared.node("two")));
    second = opened;
    await(opened, "it knows the other", () -> nodes(opened) == 2);
    return opened;
  }

  private static int nodes(ManualPlatform of) {
    var health = of.platform().health().shared();
    return health == null ? 0 : health.nodes().size();
  }

  private static void await(ManualPlatform node, String what, BooleanSupplier condition)
      throws InterruptedException {
    node.await(what, condition);
  }

  private Receipt accept(String id, String item) throws Exception {
    return manual().ticking(() -> order(id, item));
  }

  /** What a node's copy has of it, would survive the node's disk. */
  private void awaitCopied(ManualPlatform node, TransactionId id) throws Exception {
    await(node, id + " is copied", () -> isCopied(id));
  }

  private boolean isCopied(TransactionId id) {
    SharedLogReader reader = SharedLogReader.of(shared.asItIs(), "manual", 1, 1);
    try {
      for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
        if (batch.entries().stream().anyMatch(entry -> takes(entry.record(), id))) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean takes(LogRecord record, TransactionId id) {
    if (record instanceof LogRecord.Accepted accepted) {
      return accepted.transaction().id().equals(id);
    }
    return record instanceof LogRecord.Retained kept && kept.transaction().id().equals(id);
  }

  private void awaitObjects(ManualPlatform node, int count) throws Exception {
    await(node, count + " objects", () -> contents.names().size() == count);
  }

  private static boolean alarms(ManualPlatform node, String text) {
    return node.health().alarms().stream().anyMatch(alarm -> alarm.contains(text));
  }

  private static List<DeadLetter> letters(ManualPlatform node) {
    return node.platform().deadLetters().list();
  }

  /**
   * Its one letter, again; the clock ticks, as the gate may be closed for as long as nodes agree.
   */
  private static void retry(ManualPlatform node) throws Exception {
    DeadLetter letter = letters(node).get(0);
    node.ticking(() -> node.platform().deadLetters().retry(letter.id(), "ann", "again"));
  }

  private void darken() throws Exception {
    database.faults().unreachable(true);
    manual().awaitState(Availability.DOWN);
  }

  @Test
  void whatADeadNodeHasLeftIsAppliedWithItsContentByAnother() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    darken();
    assertThat(accept("a", LONG).status()).isEqualTo(Receipt.Status.ACCEPTED);
    accept("b", "small");
    assertThat(contents.names()).hasSize(1);
    manual().crash(WORST);

    database.faults().heal();
    await(two, "all is applied", () -> orders().size() == 2);

    assertThat(orders()).containsExactly("a=" + LONG, "b=small");
    awaitObjects(two, 0);
    await(two, "its spool is empty", () -> two.platform().health().spooledBytes() == 0);
    assertThat(letters(two)).isEmpty();
  }

  @Test
  void contentGoesOnceItsEntryIsApplied() throws Exception {
    openFirstSurely();
    darken();
    accept("a", LONG);
    accept("b", LONG);
    assertThat(contents.names()).hasSize(1); // The same content is one object.
    accept("c", LONG + LONG);
    assertThat(contents.names()).hasSize(2);
    manual().kill();
    reopen();
    manual().awaitState(Availability.DOWN);

    database.faults().heal();
    manual().drain();

    awaitObjects(manual(), 0);
    assertThat(orders()).contains("a=" + LONG, "b=" + LONG, "c=" + LONG + LONG);
  }

  @Test
  void whileThePlaceIsAwayTheCopyWaitsAndTheLogTakesIt() throws Exception {
    openFirst();
    darken();
    contents.unreachable(true);

    assertThat(accept("a", LONG).status()).isEqualTo(Receipt.Status.ACCEPTED);
    accept("b", "small");
    awaitAlarm("can't be put to memory");
    assertThat(contents.names()).isEmpty();
    contents.unreachable(false);
    awaitObjects(manual(), 1);
    manual()
        .await(
            "nothing is wrong any more",
            () -> manual().health().alarms().stream().noneMatch(a -> a.contains("memory")));

    recover();
    assertThat(orders()).contains("a=" + LONG, "b=small");
  }

  @Test
  void withThePlaceAwayTheStoreIsUpAgainAsSoonAsItsDatabaseIs() throws Exception {
    openFirst();
    database.faults().refuse(row -> row.values().contains("c"));
    darken();
    contents.unreachable(true);
    accept("a", LONG);
    accept("b", "small");
    accept("c", LONG + LONG); // A dead letter needs its content, and others can't be told of it.

    database.faults().unreachable(false);
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);

    assertThat(orders()).containsExactly("a=" + LONG, "b=small");
    assertThat(accept("d", "small").status()).isEqualTo(Receipt.Status.APPLIED);
    contents.unreachable(false);
    awaitObjects(manual(), 1);
    DeadLetter letter = letters(manual()).get(0);
    manual()
        .ticking(
            () -> {
              platform().deadLetters().discard(letter.id(), "ann", "not needed");
              return letter;
            });
    awaitObjects(manual(), 0);
  }

  /** What was in this node's log only, dies with its disk; nobody has half of it. */
  @Test
  void anEntryIsNotCopiedBeforeItsContentIsThere() throws Exception {
    openFirst();
    ManualPlatform two = openSecond(true);
    darken();
    awaitCopied(manual(), accept("a", "small").id());
    contents.unreachable("one", true);
    accept("b", LONG);
    accept("c", "small");
    manual().kill();

    database.faults().heal();
    await(two, "node one is taken over", () -> orders().size() == 1 && nodes(two) == 1);
    assertThat(letters(two)).isEmpty();
    contents.unreachable("one", false);
    reopen();
    manual().drain();

    manual().await("all is applied", () -> orders().size() == 3);
    assertThat(orders()).containsExactly("a=small", "b=" + LONG, "c=small");
  }

  @Test
  void whoWantsBothWaitsForTheContentToo() throws Exception {
    open(builder -> sharing(builder, "one").sharedDurability(SharedDurability.BOTH));
    darken();
    accept("a", LONG);
    assertThat(contents.names()).hasSize(1);
    contents.unreachable(true);

    assertThatThrownBy(() -> accept("b", LONG + LONG))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("08007"));
    assertThatThrownBy(() -> accept("c", "small"))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("53100"))
        .hasMessageContaining("can't be put to memory");
    contents.unreachable(false);
    recover();

    assertThat(orders()).containsExactly("a=" + LONG, "b=" + LONG + LONG);
  }

  @Test
  void withThePlaceAwayWhatIsBehindADeadLetterIsAcceptedAllTheSame() throws Exception {
    openFirst();
    database.faults().refuse(row -> row.values().contains("a"));
    darken();
    manual().ticking(() -> keyed("k", "a", "small"));
    database.faults().unreachable(false);
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    contents.unreachable(true);

    assertThat(manual().ticking(() -> keyed("k", "b", LONG)).status())
        .isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(manual().ticking(() -> keyed("k", "c", "small")).status())
        .isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(orders()).isEmpty();
    contents.unreachable(false);
    awaitObjects(manual(), 1);
    database.faults().refuse(row -> false);
    retry(manual());
    manual().drain();

    assertThat(orders()).containsExactly("a=small", "b=" + LONG, "c=small");
  }

  @Test
  void whatIsOverDoesNotKeepTheCopyWaiting() throws Exception {
    openFirst();
    database.faults().refuse(row -> row.values().contains("a"));
    darken();
    contents.unreachable(true);
    accept("a", LONG);
    database.faults().unreachable(false);
    awaitDeadLetters(1);
    manual().awaitState(Availability.UP);
    awaitAlarm("can't be put to memory");

    database.faults().refuse(row -> false);
    retry(manual());
    manual().drain();

    assertThat(orders()).containsExactly("a=" + LONG);
    manual().await("the copy goes on", () -> !alarms(manual(), "can't be put to memory"));
    assertThat(contents.names()).isEmpty();
  }

  /** An upload takes as long as it takes; the gate is not held meanwhile. */
  @Test
  void nobodyWaitsForAnUploadButWhoHasAskedForIt() throws Exception {
    Held held = new Held(contents.node("one"));
    open(
        builder ->
            builder
                .sharedLog(shared.node("one"))
                .sharedContents(held)
                .sharedDurability(SharedDurability.BOTH));
    darken();
    FutureTask<Receipt> large = new FutureTask<>(() -> order("a", LONG));
    seams.start("application", large);
    await(manual(), "it is being put", held::isAsked);

    database.faults().heal();
    manual().awaitState(Availability.UP);
    assertThat(accept("b", "small").status()).isEqualTo(Receipt.Status.APPLIED);
    assertThat(large.isDone()).isFalse();

    held.letGo();
    assertThat(manual().ticking(large::get).status()).isEqualTo(Receipt.Status.ACCEPTED);
    assertThat(orders()).containsExactly("a=" + LONG, "b=small");
  }

  @Test
  void whoTakesOverAndCantReachThePlaceWaitsWithAnAlarm() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    darken();
    accept("a", LONG);
    accept("b", "small");
    contents.unreachable("two", true);
    manual().kill();

    database.faults().heal();
    await(two, "an alarm", () -> alarms(two, "SQLSTATE 55R18"));
    two.tick(Duration.ofSeconds(5));
    assertThat(orders()).isEmpty();
    assertThat(letters(two)).isEmpty();
    contents.unreachable("two", false);
    await(two, "all is applied", () -> orders().size() == 2);

    assertThat(orders()).containsExactly("a=" + LONG, "b=small");
    await(two, "the alarm is over", () -> !alarms(two, "55R18"));
  }

  @Test
  void whoHasNoPlaceKnowsThatItIsElsewhere() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(false);
    darken();
    accept("a", LONG);
    manual().kill();

    database.faults().heal();
    await(two, "an alarm", () -> alarms(two, "it is in memory") && alarms(two, "sharedContents"));
    assertThat(letters(two)).isEmpty();
    two.kill();
    two.close();
    ManualPlatform three =
        ManualPlatform.open(
            database, seams, elsewhere.resolve("three"), builder -> sharing(builder, "three"));
    second = three;
    await(three, "it is applied", () -> orders().size() == 1);

    assertThat(orders()).containsExactly("a=" + LONG);
    awaitObjects(three, 0);
  }

  @Test
  void contentThatIsLostIsADeadLetterThatSaysWhereItWas() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    darken();
    accept("a", LONG);
    accept("b", "small");
    contents.lose();
    manual().kill();

    database.faults().heal();
    await(two, "a letter", () -> letters(two).size() == 1 && orders().size() == 1);

    DeadLetter letter = letters(two).get(0);
    assertThat(letter.sqlState()).isEqualTo("55R17");
    assertThat(letter.reason()).contains("node 1 had put to memory", "missing there");
    assertThat(orders()).containsExactly("b=small");
  }

  @Test
  void contentThatIsAnotherIsADeadLetter() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    darken();
    accept("a", LONG);
    contents.damage(
        bytes -> {
          bytes[1_000_000]++;
          return bytes;
        });
    manual().kill();

    database.faults().heal();
    await(two, "a letter", () -> letters(two).size() == 1);

    assertThat(letters(two).get(0).sqlState()).isEqualTo("55R17");
    assertThat(orders()).isEmpty();
  }

  @Test
  void aLetterOfADeadNodeKeepsItsContentWithTheOneThatHasIt() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    database.faults().refuse(row -> row.values().contains("a"));
    darken();
    accept("a", LONG);
    manual().kill();

    database.faults().unreachable(false);
    await(two, "a letter", () -> letters(two).size() == 1);
    await(two, "its own object only", () -> nodes(two) == 1 && contents.names().size() == 1);
    assertThat(contents.names().get(0)).startsWith("manual/2/");
    assertThat(two.platform().health().spooledBytes()).isEqualTo(BYTES);
    database.faults().refuse(row -> false);
    retry(two);

    await(two, "it is applied", () -> orders().size() == 1);
    assertThat(orders()).containsExactly("a=" + LONG);
    awaitObjects(two, 0);
  }

  @Test
  void whatIsGoneFromTheSpoolIsBroughtBack() throws Exception {
    openFirstSurely();
    darken();
    accept("a", LONG);
    assertThat(contents.names()).hasSize(1);
    manual().kill();
    emptySpool();

    reopen();
    manual().awaitState(Availability.DOWN);
    manual().await("it is back", () -> spooledFiles() == 1);
    recover();

    assertThat(orders()).containsExactly("a=" + LONG);
  }

  private void emptySpool() throws IOException {
    try (Stream<Path> files = Files.list(manual().directory().resolve("spool"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private long spooledFiles() {
    try (Stream<Path> files = Files.list(manual().directory().resolve("spool"))) {
      return files.filter(file -> !file.toString().contains("draft")).count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Content of a node's tail is there for as long as the tail is. */
  @Test
  void theTailOfADeadNodeHasItsContent() throws Exception {
    open(builder -> sharing(builder, "one").retain(Duration.ofHours(1)));
    ManualPlatform two =
        ManualPlatform.open(
            database,
            seams,
            elsewhere,
            builder -> sharing(builder, "two").retain(Duration.ofHours(1)));
    second = two;
    await(two, "it knows the other", () -> nodes(two) == 2);
    two.awaitState(Availability.UP);
    database.lagStandby(true);
    Receipt receipt = accept("a", LONG);
    assertThat(receipt.status()).isEqualTo(Receipt.Status.APPLIED);
    awaitObjects(manual(), 1);
    awaitCopied(manual(), receipt.id());
    manual().kill();

    database.promoteStandby("writer-2");
    await(two, "it is applied again", () -> orders().size() == 1);

    assertThat(orders()).containsExactly("a=" + LONG);
    assertThat(letters(two)).isEmpty();
  }

  @Test
  void aStreamOfAnyLengthMayWait() throws Exception {
    openFirstSurely();
    ManualPlatform two = openSecond(true);
    darken();
    String text = "0123456789abcdef".repeat((9 << 20) / 16);
    manual().ticking(() -> stream("a", text));
    manual().kill();

    database.faults().heal();
    await(two, "it is applied", () -> orders().size() == 1);

    assertThat(orders()).containsExactly("a=" + text);
  }

  @Test
  void withoutAPlaceTheRefusalNamesTheSetting() throws Exception {
    open(builder -> builder.sharedLog(shared.node("one")));
    darken();

    assertThatThrownBy(
            () -> manual().ticking(() -> stream("a", "0123456789abcdef".repeat((9 << 20) / 16))))
        .satisfies(e -> assertThat(stateOf(e)).isEqualTo("55R01"))
        .hasMessageContaining("sharedContents");
    recover();
  }

  @Test
  void aPlaceWithoutASharedLogIsAMistake() {
    assertThatIllegalStateException()
        .isThrownBy(() -> openInTheDark(builder -> builder.sharedContents(contents.node("one"))))
        .withMessageContaining("sharedLog");
  }

  /** Puts nothing before the test lets it. */
  private static final class Held implements ContentStorage {

    private final ContentStorage storage;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch let = new CountDownLatch(1);

    Held(ContentStorage storage) {
      this.storage = storage;
    }

    boolean isAsked() {
      return asked.getCount() == 0;
    }

    void letGo() {
      let.countDown();
    }

    @Override
    public void put(String name, Content content, Source source) throws IOException {
      asked.countDown();
      try {
        let.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException("the test is over");
      }
      storage.put(name, content, source);
    }

    @Override
    public List<Stored> list(String prefix, String after, int most) throws IOException {
      return storage.list(prefix, after, most);
    }

    @Override
    public InputStream open(String name) throws IOException {
      return storage.open(name);
    }

    @Override
    public void remove(String name) throws IOException {
      storage.remove(name);
    }

    @Override
    public void close() {
      storage.close();
    }
  }

  private Receipt stream(String id, String text) throws SQLException {
    try (PlatformConnection connection = manual().connect();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      connection.setAutoCommit(false);
      insert.setString(1, id);
      insert.setCharacterStream(2, new StringReader(text));
      insert.executeUpdate();
      connection.commit();
      return Objects.requireNonNull(connection.receipt());
    }
  }
}
