package io.rananeeti.aurora;

import io.rananeeti.store.Frontier;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A platform that remembers what a store told it. */
record RecordingHost(
    String platform, UUID logId, UUID incarnation, List<Writer> changes, AtomicInteger suspicions)
    implements StoreHost {

  RecordingHost() {
    this(UUID.randomUUID(), UUID.randomUUID());
  }

  RecordingHost(UUID logId, UUID incarnation) {
    this("cafe", logId, incarnation, new CopyOnWriteArrayList<>(), new AtomicInteger());
  }

  @Override
  public Spool spool() {
    throw new UnsupportedOperationException("none of these tests has content");
  }

  @Override
  public Duration intentRetention() {
    return Duration.ofHours(24);
  }

  @Override
  public boolean retains() {
    return false;
  }

  @Override
  public Frontier frontier() {
    return Frontier.NONE;
  }

  @Override
  public void behind(Writer writer) {
    throw new AssertionError("retains nothing");
  }

  @Override
  public void proven(Writer writer) {}

  @Override
  public void suspect() {
    suspicions.incrementAndGet();
  }

  @Override
  public void writerChanged(Writer writer) {
    changes.add(writer);
  }
}
