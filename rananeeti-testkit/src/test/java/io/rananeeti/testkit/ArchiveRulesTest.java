package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rananeeti.Availability;
import io.rananeeti.Health;
import io.rananeeti.internal.archive.ArchiveReader;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.log.ArchiveStorage.Stored;
import io.rananeeti.log.LogRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The archive of a whole platform's log: nothing settled is given back before it is archived. */
final class ArchiveRulesTest extends PlatformRules {

  private static final Duration HOUSEKEEPING = Duration.ofSeconds(11);
  private static final int ORDERS = 20;

  private final InMemoryArchive archive = new InMemoryArchive();

  ArchiveRulesTest() {}

  private void openArchiving() throws Exception {
    open(settings -> settings.archive(archive).freeDiskFloor(0));
    manual().disk().filesOf(2);
  }

  private Health.Archive health() {
    return Objects.requireNonNull(platform().health().archive());
  }

  /** Some orders of an outage, settled. */
  private void outageWithOrders(String prefix) throws Exception {
    outage();
    for (int i = 0; i < ORDERS; i++) {
      order(prefix + i, "tea");
    }
    recover();
    housekeeping();
  }

  private void housekeeping() throws Exception {
    manual().tick(HOUSEKEEPING);
    manual().await("what is settled is known", () -> health().waiting() > 0);
  }

  private void awaitArchived() throws Exception {
    manual().await("it is archived", () -> health().archived() > 0);
  }

  private void awaitReleased() throws Exception {
    manual()
        .await(
            "the log gives it back",
            () -> {
              manual().tick(Duration.ofSeconds(1));
              return manual().disk().appends() < ORDERS;
            });
  }

  @Test
  void whatIsSettledIsArchivedBeforeTheLogGivesItBack() throws Exception {
    openArchiving();
    outageWithOrders("first-");
    int kept = manual().disk().appends();
    assertThat(kept).isGreaterThan(2 * ORDERS);
    assertThat(accepted()).isEmpty();

    manual().close();
    reopen();
    housekeeping();
    awaitArchived();
    awaitReleased();

    assertThat(accepted()).hasSize(ORDERS).startsWith("first-0").endsWith("first-19");
    assertThat(health().givenUp()).isZero();
  }

  @Test
  void theLogKeepsEverythingWhileTheArchiveIsAwayAndSaysSo() throws Exception {
    archive.down(true);
    openArchiving();
    outageWithOrders("first-");
    int kept = manual().disk().appends();
    awaitAlarm("the archive of the log can't be written");
    manual().tick(Duration.ofHours(1));
    manual().await("it was tried again", () -> archive.refused() > 2);

    assertThat(manual().disk().appends()).isGreaterThanOrEqualTo(kept);
    assertThat(health().failingSince()).isNotNull();

    archive.down(false);
    manual().close();
    reopen();
    housekeeping();
    awaitArchived();
    awaitReleased();

    assertThat(accepted()).hasSize(ORDERS);
    assertThat(manual().health().alarms()).isEmpty();
  }

  /** It is archived, and the process dies before the log has given it back. */
  @Test
  void aCrashBetweenArchiveAndReleaseArchivesNothingTwice() throws Exception {
    openArchiving();
    outageWithOrders("first-");
    manual().kill();
    reopen();
    housekeeping();
    awaitArchived();
    List<Stored> before = archive.list("", "", 1_000);

    manual().kill();
    reopen();
    housekeeping();
    awaitArchived();
    awaitReleased();

    assertThat(archive.list("", "", 1_000)).containsAll(before);
    assertThat(accepted()).hasSize(ORDERS).doesNotHaveDuplicates();
    assertContiguous();
  }

  /** The disk is full, the database and the archive are away: the shop goes on selling. */
  @Test
  void newOrdersGoBeforeWhatCannotBeArchived() throws Exception {
    archive.down(true);
    openArchiving();
    outageWithOrders("first-");
    manual().close();
    reopen();
    manual().awaitState(Availability.UP);
    housekeeping();
    awaitAlarm("the archive of the log can't be written");
    outage();
    manual().disk().fillUp(0);

    order("last", "tea");

    assertThat(platform().health().takesWork()).isTrue();
    assertThat(health().givenUp()).isPositive();
    awaitAlarm("had no room");
    manual().disk().fillUp(1 << 20);
    recover();
    assertThat(orders()).contains("last=tea").hasSize(ORDERS + 2);
  }

  @Test
  void aLogThatIsFullOfWhatWaitsStillRefuses() throws Exception {
    archive.down(true);
    openArchiving();
    outage();
    manual().disk().fillUp(0);

    assertThatThrownBy(() -> order("last", "tea")).hasMessageContaining("space");
  }

  private List<ArchiveIndex> indexes() throws IOException {
    ArchiveReader reader = new ArchiveReader(archive);
    List<ArchiveIndex> indexes = new ArrayList<>();
    reader.names("", name -> indexes.add(reader.index(name)));
    return indexes;
  }

  /** The keys of the orders in the archive, but for the one that notices an outage. */
  private List<String> accepted() throws IOException {
    List<String> keys = new ArrayList<>();
    for (ArchiveIndex index : indexes()) {
      new ArchiveReader(archive)
          .read(
              index,
              item -> {
                if (item.record() instanceof LogRecord.Accepted accepted) {
                  Object key =
                      accepted.transaction().operations().get(0).rows().get(0).get(0).value();
                  keys.add(String.valueOf(key));
                }
              });
    }
    keys.remove("noticed");
    return keys;
  }

  private void assertContiguous() throws IOException {
    long next = 1;
    for (ArchiveIndex index : indexes()) {
      assertThat(index.name().first()).isEqualTo(next);
      next = index.name().last() + 1;
    }
  }
}
