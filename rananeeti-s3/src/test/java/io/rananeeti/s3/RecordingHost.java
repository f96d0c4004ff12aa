package io.rananeeti.s3;

import io.rananeeti.store.Content;
import io.rananeeti.store.Frontier;
import io.rananeeti.store.Spool;
import io.rananeeti.store.StoreHost;
import io.rananeeti.store.Writer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A platform without a log, whose spool is memory. */
record RecordingHost(String platform, UUID logId, UUID incarnation, Map<Content, byte[]> contents)
    implements StoreHost, Spool {

  RecordingHost() {
    this("cafe", UUID.randomUUID(), UUID.randomUUID(), new ConcurrentHashMap<>());
  }

  @Override
  public Spool spool() {
    return this;
  }

  @Override
  public Content take(InputStream in) throws IOException {
    byte[] all = in.readAllBytes();
    Content content = new Content(Digest.hex(all), all.length);
    contents.put(content, all);
    return content;
  }

  @Override
  public InputStream read(Content content) throws IOException {
    byte[] all = contents.get(content);
    if (all == null) {
      throw new IOException("it is not there");
    }
    return new ByteArrayInputStream(all);
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
  public void suspect() {}

  @Override
  public void writerChanged(Writer writer) {}
}
