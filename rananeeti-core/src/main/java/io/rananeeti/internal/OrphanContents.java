package io.rananeeti.internal;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.error.LogFullException;
import io.rananeeti.internal.log.ContentSpool;
import io.rananeeti.log.ContentStorage.Stored;
import io.rananeeti.store.Content;
import io.rananeeti.store.Failure;
import io.rananeeti.store.StoreException;
import io.rananeeti.store.Transaction;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Brings content that a dead node's entries name into this node's spool, before they are applied or
 * accepted here: so stores read it where they read all content, and what can't be reached is known
 * before anything is sent to them. Holds it there until the next is asked for. Used by one thread.
 *
 * <p>What can't be brought now makes its caller wait, with 55R18; that is no fault of the entry.
 * What is certainly not there, or another than its name says, is left to the store to miss: a dead
 * letter, with 55R17 and where it was looked for.
 */
final class OrphanContents {

  private static final int TRIES = 2;

  private final ContentPlace place;
  private final long node;
  private final ContentSpool spool;
  private final Set<Content> held = new HashSet<>();

  /** Of the node of this number. */
  OrphanContents(ContentPlace place, long node, ContentSpool spool) {
    this.place = place;
    this.node = node;
    this.spool = spool;
  }

  /**
   * What a transaction names is here once this returns, and nothing else.
   *
   * @throws StoreException 55R18 if it can't be read now
   */
  void forSettling(Transaction transaction) throws StoreException {
    Set<Content> named = Set.copyOf(Contents.named(transaction));
    letGoAllBut(named);
    hold(named, true);
  }

  /**
   * The same of what this node is going to accept, within the limits of its log.
   *
   * @throws StoreException 55R18 if it can't be read now, or there is no room for it
   */
  void forAccepting(Set<Content> named) throws StoreException {
    letGoAllBut(named);
    hold(named, false);
  }

  /** Lets go of all of it. */
  void close() {
    letGoAllBut(Set.of());
  }

  private void letGoAllBut(Set<Content> named) {
    for (Content content : List.copyOf(held)) {
      if (!named.contains(content)) {
        held.remove(content);
        spool.letGo(content);
      }
    }
  }

  private void hold(Set<Content> named, boolean toSettle) throws StoreException {
    for (Content content : named) {
      if (!held.contains(content)) {
        try {
          bring(content, toSettle);
        } catch (IOException | LogFullException | LogFailedException e) {
          throw new StoreException(
              Failure.UNREACHABLE,
              Refusals.CONTENT_AWAY,
              "content that node %d has put to %s can't be had now: %s"
                  .formatted(node, place, e.getMessage()),
              e);
        }
      }
    }
  }

  private void bring(Content content, boolean toSettle) throws IOException {
    if (spool.holdAgain(content)) {
      held.add(content);
      return;
    }
    String theirs = place.announced(node);
    if (!place.isThere()) {
      if (theirs != null) {
        throw new IOException(
            "it is in %s, and this node has no place for content: give it the same by sharedContents(...)"
                .formatted(theirs));
      }
      return; // It was not shared; the store finds nothing in the spool.
    }
    for (Stored stored : place.of(node, content)) {
      if (stored.bytes() == content.length() && take(stored.name(), content, toSettle)) {
        return;
      }
    }
    if (theirs != null && !theirs.equals(place.toString())) {
      throw new IOException(
          "it is in %s, and this node looks into %s: give all nodes the same"
              .formatted(theirs, place));
    }
    spool.lost(
        content,
        "content that node %d had put to %s is missing there, or is another than its name says: sha256=%s bytes=%d; put it as a file of that name into the spool beside the log, and retry"
            .formatted(node, place, content.sha256(), content.length()));
  }

  /**
   * A broken connection may look like the end, so what is shorter says nothing; other bytes are
   * read twice.
   */
  private boolean take(String name, Content content, boolean toSettle) throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      Content taken;
      try (InputStream in = place.open(name)) {
        taken = toSettle ? spool.takeToSettle(in) : spool.take(in);
      }
      if (taken.equals(content)) {
        held.add(content);
        return true;
      }
      spool.letGo(taken);
      if (taken.length() < content.length()) {
        throw new IOException(
            "it ends %d bytes early".formatted(content.length() - taken.length()));
      }
    }
    return false;
  }
}
