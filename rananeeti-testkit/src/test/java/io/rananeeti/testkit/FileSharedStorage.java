package io.rananeeti.testkit;

import io.rananeeti.log.SharedLogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values in files, so that what a test measures in memory is not the storage. */
final class FileSharedStorage implements SharedLogStorage {

  private static final int MAX_BYTES = 380 * 1024;
  private static final int MOST = 4;

  private final Path directory;
  private final Map<String, NavigableMap<Long, Long>> versions = new HashMap<>();

  FileSharedStorage(Path directory) {
    this.directory = directory;
  }

  private NavigableMap<Long, Long> keys(String partition) {
    return versions.computeIfAbsent(partition, any -> new TreeMap<>());
  }

  private Path file(String partition, long key) {
    return directory.resolve(partition.replace('/', '_') + "." + key);
  }

  @Override
  public int maxBytes() {
    return MAX_BYTES;
  }

  @Override
  public synchronized @Nullable Value read(String partition, long key) throws IOException {
    Long version = keys(partition).get(key);
    return version == null
        ? null
        : new Value(key, version, Files.readAllBytes(file(partition, key)));
  }

  @Override
  public synchronized List<Value> list(String partition, long fromKey, int most)
      throws IOException {
    List<Value> values = new ArrayList<>();
    for (Map.Entry<Long, Long> each : keys(partition).tailMap(fromKey, true).entrySet()) {
      if (values.size() == Math.min(most, MOST)) {
        break;
      }
      byte[] bytes = Files.readAllBytes(file(partition, each.getKey()));
      values.add(new Value(each.getKey(), each.getValue(), bytes));
    }
    return values;
  }

  @Override
  public synchronized boolean write(String partition, long key, long ifVersion, byte[] bytes)
      throws IOException {
    if (keys(partition).getOrDefault(key, 0L) != ifVersion) {
      return false;
    }
    Files.write(file(partition, key), bytes);
    keys(partition).put(key, ifVersion + 1);
    return true;
  }

  @Override
  public synchronized boolean remove(String partition, long key, long ifVersion)
      throws IOException {
    if (!keys(partition).remove(key, ifVersion)) {
      return false;
    }
    Files.delete(file(partition, key));
    return true;
  }

  @Override
  public synchronized long add(String counter, long n) throws IOException {
    Value value = read("counter/" + counter, 0);
    long sum = n + (value == null ? 0 : ByteBuffer.wrap(value.bytes()).getLong());
    byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(sum).array();
    write("counter/" + counter, 0, value == null ? 0 : value.version(), bytes);
    return sum;
  }

  @Override
  public void close() {}
}
