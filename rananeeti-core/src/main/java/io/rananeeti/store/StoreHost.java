package io.rananeeti.store;

import java.time.Duration;
import java.util.UUID;

/** The platform, as a store sees it. Thread-safe; none of its calls blocks. */
public interface StoreHost {

  /** The platform's name. */
  String platform();

  /** The log's id: the same through restarts, different for every log. */
  UUID logId();

  /** The incarnation of this open of the log. */
  UUID incarnation();

  /** How long a store keeps an intent key, from the commit of its transaction on (S6). */
  Duration intentRetention();

  /** Where content is that operations name. */
  Spool spool();

  /**
   * Whether transactions are kept until the other regions have them. Then every new physical
   * connection has to have the {@link #frontier} before its first use.
   */
  boolean retains();

  /** What it has to have now; to be asked for anew with each connection. */
  Frontier frontier();

  /**
   * The writer that a probe has found, or that a new physical connection speaks to, lacks the
   * frontier. The connection was not used.
   */
  void behind(Writer writer);

  /** A new physical connection has the frontier, and this is its writer. */
  void proven(Writer writer);

  /** A call failed or takes too long: the probe should look now. */
  void suspect();

  /** A new physical connection speaks to another writer than the last (R2). */
  void writerChanged(Writer writer);
}
