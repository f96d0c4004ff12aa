package io.rananeeti.testkit;

import io.rananeeti.log.ContentStorage;
import io.rananeeti.store.Content;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * What the nodes of one test keep beside their shared log, in memory, with everything that can
 * happen to it. Each node asks through an own {@link #node(String)}. Thread-safe; it waits for
 * nothing.
 */
public final class InMemoryContents {

  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Set<String> unreachable = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean down;

  /** With nothing in it. */
  public InMemoryContents() {}

  /**
   * The storage as a node asks it.
   *
   * @param name of the node, by which its faults are chosen
   */
  public ContentStorage node(String name) {
    return new Node(name);
  }

  /** Whether nobody reaches it. */
  public void unreachable(boolean on) {
    down = on;
  }

  /** Whether this node does not reach it. */
  public void unreachable(String node, boolean on) {
    unreachable.remove(node);
    if (on) {
      unreachable.add(node);
    }
  }

  /** How many calls have failed because of that. */
  public int refused() {
    return refused.get();
  }

  /** The names of all objects. */
  public List<String> names() {
    return List.copyOf(objects.keySet());
  }

  /** All objects are gone, as if by another hand. */
  public void lose() {
    objects.clear();
  }

  /** Changes the bytes of all objects behind everybody's back. */
  public void damage(UnaryOperator<byte[]> change) {
    objects.replaceAll((name, bytes) -> change.apply(bytes.clone()));
  }

  private final class Node implements ContentStorage {

    private final String name;
    private volatile boolean closed;

    Node(String name) {
      this.name = name;
    }

    private void refuse() throws IOException {
      if (closed || down || unreachable.contains(name)) {
        refused.incrementAndGet();
        throw new IOException("the place for content can't be reached, as was asked for");
      }
    }

    @Override
    public void put(String object, Content content, Source source) throws IOException {
      refuse();
      byte[] bytes;
      try (InputStream in = source.open()) {
        bytes = in.readAllBytes();
      }
      if (bytes.length != content.length() || !Sha256.of(bytes).equals(content.sha256())) {
        throw new IOException("what was put is not what was said: " + object);
      }
      refuse(); // It may have gone away while this was sent.
      objects.put(object, bytes);
    }

    @Override
    public List<Stored> list(String prefix, String after, int most) throws IOException {
      refuse();
      List<Stored> page = new ArrayList<>();
      for (Map.Entry<String, byte[]> each : objects.tailMap(after, false).entrySet()) {
        if (each.getKey().startsWith(prefix) && page.size() < most) {
          page.add(new Stored(each.getKey(), each.getValue().length));
        }
      }
      return page;
    }

    @Override
    public InputStream open(String object) throws IOException {
      refuse();
      byte[] bytes = objects.get(object);
      if (bytes == null) {
        throw new IOException("there is no object " + object);
      }
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public void remove(String object) throws IOException {
      refuse();
      objects.remove(object);
    }

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public String toString() {
      return "memory";
    }
  }
}
