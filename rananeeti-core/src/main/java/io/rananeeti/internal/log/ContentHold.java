package io.rananeeti.internal.log;

import io.rananeeti.store.Content;
import io.rananeeti.store.Spool;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one connection holds of the spool: what was taken for a parameter until a transaction that
 * has used it is over, or the connection is closed; what was taken for a transaction until that is
 * over. Owned by the connection's thread.
 */
public final class ContentHold implements Spool {

  private final ContentSpool spool;
  private final List<Content> set = new ArrayList<>();
  private final Set<Content> used = new HashSet<>();

  /** With nothing held. */
  public ContentHold(ContentSpool spool) {
    this.spool = spool;
  }

  /** Takes it for the transaction under way. */
  @Override
  public Content take(InputStream bytes) throws IOException {
    Content content = spool.take(bytes);
    if (!used.add(content)) {
      spool.letGo(content);
    }
    return content;
  }

  /** Takes it for a parameter, of a transaction that may not have begun. */
  public Content takeForParameter(InputStream bytes) throws IOException {
    Content content = spool.take(bytes);
    set.add(content);
    return content;
  }

  /** What was taken for a parameter is none. */
  public void giveUp(Content content) {
    if (set.remove(content)) {
      spool.letGo(content);
    }
  }

  @Override
  public InputStream read(Content content) throws IOException {
    return spool.read(content);
  }

  /**
   * The transaction under way uses what was set.
   *
   * @return false if it is gone: a transaction that has used it before is over
   */
  public boolean use(Content content) {
    return used.contains(content)
        || ((set.remove(content) || spool.holdAgain(content)) && used.add(content));
  }

  /** The transaction is over. */
  public void over() {
    used.forEach(spool::letGo);
    used.clear();
  }

  /** The connection is closed. */
  public void close() {
    over();
    set.forEach(spool::letGo);
    set.clear();
  }
}
