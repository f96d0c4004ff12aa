package io.rananeeti.testkit.simulation;

import io.rananeeti.store.Frontier;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.time.Duration;
import java.util.UUID;

/** A host that counts what a store tells it of its writers. Thread-safe as the one behind it. */
record WatchedHost(StoreHost host, Counters counters) implements StoreHost {

  @Override
  public String platform() {
    return host.platform();
  }

  @Override
  public UUID logId() {
    return host.logId();
  }

  @Override
  public UUID incarnation() {
    return host.incarnation();
  }

  @Override
  public Spool spool() {
    return host.spool();
  }

  @Override
  public Duration intentRetention() {
    return host.intentRetention();
  }

  @Override
  public boolean retains() {
    return host.retains();
  }

  @Override
  public Frontier frontier() {
    return host.frontier();
  }

  @Override
  public void behind(Writer writer) {
    counters.count(Branch.BEHIND);
    host.behind(writer);
  }

  @Override
  public void proven(Writer writer) {
    host.proven(writer);
  }

  @Override
  public void suspect() {
    host.suspect();
  }

  @Override
  public void writerChanged(Writer writer) {
    host.writerChanged(writer);
  }
}
