package io.rananeeti.testkit.simulation;

import io.rananeeti.DeadLetter;
import io.rananeeti.Receipt;
import io.rananeeti.TransactionId;
import io.rananeeti.testkit.InMemoryDatabase;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at each COMMIT of an application at the moment at which the database does it (R1, R3): the
 * branch has all that this node was told to be applied before, and is none that the node has seen
 * the end of. What waits by rule behind a dead letter, or for a lock, is let off.
 *
 * <p>Where nodes share their logs, it has all that <em>any</em> node was told to be applied before
 * (N5), as long as none of them had to go on by itself; but for what only the disk of a node has
 * that was taken for dead.
 */
final class TailAudit {

  private final SimulatedRun run;
  private final Map<UUID, Node> nodes = new HashMap<>();

  TailAudit(SimulatedRun run) {
    this.run = run;
  }

  /** A platform of this node has this incarnation. */
  void opened(Node node, UUID incarnation) {
    nodes.put(incarnation, node);
  }

  /** A branch has committed this transaction, and its sender is still there. */
  void committed(InMemoryDatabase branch, TransactionId id) {
    Node node = nodes.get(id.incarnation());
    if (node == null || !run.has(Habit.RETAINED)) {
      return;
    }
    if (!node.commitsIn(branch.epoch())) {
      run.complaints()
          .add("%s commits on a stale branch: %s of epoch %d".formatted(node, id, branch.epoch()));
    }
    for (Told told : run.history().told()) {
      TransactionId earlier = told.id();
      if (earlier != null && mustBeThere(node, told, earlier) && !branch.knows(earlier)) {
        run.complaints().add("%s commits %s where there is not yet %s".formatted(node, id, told));
        return;
      }
    }
  }

  private boolean mustBeThere(Node node, Told told, TransactionId id) {
    Node other = nodes.get(id.incarnation());
    return told.receipt() == Receipt.Status.APPLIED
        && told.work().kind() != Work.Kind.READ
        && other != null
        && (node.equals(other) || reaches(other, told, id))
        && !other.letsOff()
        && !wasLetter(id)
        && !isParked(node, told.work().key());
  }

  private boolean reaches(Node other, Told told, TransactionId id) {
    SharedFaults sharing = run.sharing();
    return sharing != null
        && sharing.keepsOrder()
        && (!other.wasAway() || sharing.wasCopied(id, told));
  }

  private boolean wasLetter(TransactionId id) {
    return run.letters().stream().anyMatch(letter -> letter.id().equals(id));
  }

  private boolean isParked(Node node, String key) {
    return !key.isEmpty()
        && run.letters().stream()
            .anyMatch(
                letter -> key.equals(keyOf(letter)) && isOf(node, letter, run.sharing() != null));
  }

  private boolean isOf(Node node, DeadLetter letter, boolean shared) {
    return shared || node.equals(nodes.get(letter.id().incarnation()));
  }

  private static @Nullable String keyOf(DeadLetter letter) {
    return letter.orderingKey();
  }
}
