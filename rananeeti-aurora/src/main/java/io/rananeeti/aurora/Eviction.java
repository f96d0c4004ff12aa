package io.rananeeti.aurora;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.rananeeti.store.StoreHost;
import java.sql.SQLException;

/**
 * Makes the pool drop a connection whenever the outcome of what it did is open, and never else; and
 * has the platform look at the server then. A write in a read-only transaction is left to whoever
 * ran it: it costs an application that has asked for one no connection.
 */
final class Eviction implements SQLExceptionOverride {

  private final StoreHost host;

  Eviction(StoreHost host) {
    this.host = host;
  }

  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException failure) {
    if (!Classifier.breaks(failure)) {
      return SQLExceptionOverride.Override.DO_NOT_EVICT;
    }
    host.suspect();
    if (Classifier.isReadOnly(failure)) {
      return SQLExceptionOverride.Override.DO_NOT_EVICT;
    }
    return SQLExceptionOverride.Override.MUST_EVICT;
  }
}
