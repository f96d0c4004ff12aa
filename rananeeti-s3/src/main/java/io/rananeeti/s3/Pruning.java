package io.rananeeti.s3;

import io.rananeeti.aws.internal.InFlight.Call;
import io.rananeeti.s3.Logs.Known;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Deletes rows of the ledger once nothing can ask for them any more (F1, F2). Owned by the
 * platform's housekeeping, one call at a time.
 *
 * <p>A row stays for {@link #AT_LEAST} by S3's clock, which is longer than any request of its
 * transaction is good. Rows are written about in the order of their numbers, so a run ends at the
 * first that is younger, and looks at few rows twice.
 */
final class Pruning {

  /** How long a row stays in any case. */
  static final Duration AT_LEAST = Duration.ofHours(1);

  private static final Duration BETWEEN_RUNS = Duration.ofMinutes(1);
  private static final Duration BETWEEN_LOOKS = Duration.ofHours(1);
  private static final int PAGE = 1_000;

  private final S3Store.Opened store;
  private final Duration atLeast;
  private final Map<UUID, Instant> nextRuns = new HashMap<>();
  private Instant nextLook = Instant.EPOCH;

  Pruning(S3Store.Opened store, Duration atLeast) {
    this.store = store;
    this.atLeast = atLeast;
  }

  /** See {@link io.rananeeti.store.Store#prune}. */
  synchronized void prune(UUID incarnation, long settledBelow, Set<Long> kept) throws SQLException {
    Instant now = store.clock().instant();
    if (now.isBefore(nextRuns.getOrDefault(incarnation, Instant.EPOCH))) {
      return;
    }
    Known known = store.logs().find(incarnation, new Call());
    if (known == null) {
      return; // The bucket is another one: the probe will say so.
    }
    deleteBelow(incarnation, settledBelow, kept, known);
    nextRuns.put(incarnation, now.plus(BETWEEN_RUNS));
  }

  private void deleteBelow(UUID incarnation, long settledBelow, Set<Long> kept, Known known)
      throws SQLException {
    String after = null;
    boolean raised = known.settledBelow() >= settledBelow;
    while (true) {
      List<S3Object> page = page(store.ledger().folder(incarnation), after);
      List<ObjectIdentifier> old = old(page, settledBelow, kept);
      if (!old.isEmpty() && !raised) {
        store.logs().write(incarnation, settledBelow, known); // Before anything goes (I2).
        raised = true;
      }
      delete(old);
      if (page.size() < PAGE || isYoung(page.get(page.size() - 1))) {
        return;
      }
      after = page.get(page.size() - 1).key();
    }
  }

  private List<S3Object> page(String folder, @Nullable String after) throws SQLException {
    ListObjectsV2Response page =
        store
            .bucket()
            .ask(
                "prune",
                c ->
                    c.listObjectsV2(
                        r ->
                            r.bucket(store.bucket().name())
                                .prefix(folder)
                                .startAfter(after)
                                .maxKeys(PAGE)));
    return page.contents();
  }

  private List<ObjectIdentifier> old(List<S3Object> page, long settledBelow, Set<Long> kept) {
    List<ObjectIdentifier> old = new ArrayList<>();
    for (S3Object row : page) {
      long number = Long.parseLong(row.key().substring(row.key().lastIndexOf('/') + 1));
      if (number < settledBelow && !kept.contains(number) && !isYoung(row)) {
        old.add(ObjectIdentifier.builder().key(row.key()).build());
      }
    }
    return old;
  }

  private boolean isYoung(S3Object row) {
    return row.lastModified().plus(atLeast).isAfter(store.bucket().now());
  }

  private void delete(List<ObjectIdentifier> rows) throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    DeleteObjectsResponse done =
        store
            .bucket()
            .ask(
                "prune",
                c ->
                    c.deleteObjects(
                        r ->
                            r.bucket(store.bucket().name())
                                .delete(Delete.builder().objects(rows).quiet(true).build())));
    if (!done.errors().isEmpty()) {
      throw new SQLException(
          "prune: S3 did not delete %d of %d objects of the ledger (%s)"
              .formatted(done.errors().size(), rows.size(), done.errors().get(0).code()),
          "XX000");
    }
  }

  /** Forgets incarnations that no node has asked for in a long time (F2), of any log. */
  synchronized void forgetUnseen(Duration expiry) throws SQLException {
    Instant now = store.clock().instant();
    if (now.isBefore(nextLook)) {
      return;
    }
    store.logs().seen();
    String after = null;
    List<S3Object> page;
    do {
      page = page(store.logs().folder(), after);
      for (S3Object log : page) {
        // Written at each registration, so its age says when it was seen.
        if (log.lastModified().plus(expiry).isBefore(store.bucket().now())) {
          forget(UUID.fromString(log.key().substring(log.key().lastIndexOf('/') + 1)));
        }
        after = log.key();
      }
    } while (page.size() == PAGE);
    nextLook = now.plus(BETWEEN_LOOKS);
  }

  private void forget(UUID incarnation) throws SQLException {
    Known known = store.logs().find(incarnation, new Call());
    if (known != null && !store.logs().isOwn(incarnation)) {
      deleteBelow(incarnation, Long.MAX_VALUE, Set.of(), known);
    }
  }
}
