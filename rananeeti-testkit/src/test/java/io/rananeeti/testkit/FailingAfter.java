package io.rananeeti.testkit;

import io.rananeeti.log.SharedLogStorage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A storage that its process loses after so many more changes, and every other call then. */
final class FailingAfter implements SharedLogStorage {

  private final SharedLogStorage storage;
  private int left;

  FailingAfter(SharedLogStorage storage, int changes) {
    this.storage = storage;
    this.left = changes;
  }

  void failAfter(int changes) {
    left = changes;
  }

  private SharedLogStorage alive() throws IOException {
    if (left <= 0) {
      throw new IOException("lost, as was asked for");
    }
    return storage;
  }

  private SharedLogStorage changed() throws IOException {
    SharedLogStorage alive = alive();
    left--;
    return alive;
  }

  @Override
  public int maxBytes() {
    return storage.maxBytes();
  }

  @Override
  public @Nullable Value read(String partition, long key) throws IOException {
    return alive().read(partition, key);
  }

  @Override
  public List<Value> list(String partition, long fromKey, int most) throws IOException {
    return alive().list(partition, fromKey, most);
  }

  @Override
  public boolean write(String partition, long key, long ifVersion, byte[] bytes)
      throws IOException {
    return changed().write(partition, key, ifVersion, bytes);
  }

  @Override
  public boolean remove(String partition, long key, long ifVersion) throws IOException {
    return changed().remove(partition, key, ifVersion);
  }

  @Override
  public long add(String counter, long n) throws IOException {
    return changed().add(counter, n);
  }

  @Override
  public void close() {
    storage.close();
  }
}
