package io.rananeeti.testkit;

import io.rananeeti.log.ArchiveStorage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * An archive in memory, which outlives the platforms that put into it, and can be away.
 * Thread-safe.
 */
public final class InMemoryArchive implements ArchiveStorage {

  private final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private volatile boolean down;
  private volatile int refused;

  /** With nothing in it. */
  public InMemoryArchive() {}

  /** Whether it can't be reached from here on. */
  public void down(boolean now) {
    down = now;
  }

  /** How many calls have failed because it was down. */
  public int refused() {
    return refused;
  }

  private synchronized void refuseIfDown() throws IOException {
    if (down) {
      refused++;
      throw new IOException("the archive is down");
    }
  }

  @Override
  public boolean put(String name, Path file, long bytes, String sha256) throws IOException {
    refuseIfDown();
    byte[] content = Files.readAllBytes(file);
    if (content.length != bytes || !Sha256.of(content).equals(sha256)) {
      throw new IOException("what was put is not what was said: " + name);
    }
    byte[] there = objects.putIfAbsent(name, content);
    return there == null || Arrays.equals(there, content);
  }

  @Override
  public List<Stored> list(String prefix, String after, int most) throws IOException {
    refuseIfDown();
    List<Stored> stored = new ArrayList<>();
    for (Map.Entry<String, byte[]> each : objects.tailMap(after, false).entrySet()) {
      if (each.getKey().startsWith(prefix) && stored.size() < most) {
        stored.add(new Stored(each.getKey(), each.getValue().length));
      }
    }
    return stored;
  }

  @Override
  public InputStream open(String name, long from) throws IOException {
    refuseIfDown();
    byte[] content = objects.get(name);
    if (content == null || from > content.length) {
      throw new IOException("no such object, or not so long: " + name);
    }
    return new ByteArrayInputStream(content, (int) from, content.length);
  }

  /** It stays as it is. */
  @Override
  public void close() {}
}
