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
  private final Sessions sessions;

  Eviction(StoreHost host, Sessions sessions) {
    this.host = host;
    this.sessions = sessions;
  }

  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException failure) {
    if (!Classifier.breaks(failure)) {
      return SQLExceptionOverride.Override.DO_NOT_EVICT;
    }
    sessions.mayHaveLeftBehind();
    host.suspect();
    if (Classifier.isReadOnly(failure)) {
      return SQLExceptionOverride.Override.DO_NOT_EVICT;
    }
    return SQLExceptionOverride.Override.MUST_EVICT;
  }
}
