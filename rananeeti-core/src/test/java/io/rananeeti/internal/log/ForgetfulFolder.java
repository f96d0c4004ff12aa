package io.rananeeti.internal.log;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A folder in memory that forgets in a power cut what was not forced, as a disk may: the bytes of a
 * file, a name that was given, and that a file was deleted. The machine dies at the step that it is
 * told to.
 */
final class ForgetfulFolder implements SpoolFolder {

  /** The machine is dead. */
  static final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Bytes {
    private byte[] written = {};
    private byte[] forced = {};
  }

  private final Map<String, Bytes> names = new HashMap<>();
  private final Map<String, Bytes> namesOnDisk = new HashMap<>();
  private int stepsLeft = Integer.MAX_VALUE;
  private boolean failsForces;
  private boolean failsWrites;

  void dieAt(int step) {
    stepsLeft = step;
  }

  void failForces() {
    failsForces = true;
  }

  void failWrites(boolean fails) {
    failsWrites = fails;
  }

  /** Whether it has lived to the end. */
  boolean lives() {
    return stepsLeft > 0;
  }

  /** Changes what is in a file. */
  void damage(String name, byte[] bytes) {
    Objects.requireNonNull(names.get(name)).written = bytes;
  }

  /**
   * What the next process finds.
   *
   * @param writtenBack whether the names, but not the bytes, had reached the disk by themselves
   */
  ForgetfulFolder afterPowerCut(boolean writtenBack) {
    ForgetfulFolder found = new ForgetfulFolder();
    Map<String, Bytes> left = new HashMap<>(namesOnDisk);
    if (writtenBack) {
      left.putAll(names);
    }
    left.forEach(
        (name, bytes) -> {
          Bytes kept = new Bytes();
          kept.written = bytes.forced;
          kept.forced = bytes.forced;
          found.names.put(name, kept);
          found.namesOnDisk.put(name, kept);
        });
    return found;
  }

  private void step() {
    if (--stepsLeft <= 0) {
      throw new PowerCut();
    }
  }

  @Override
  public Draft draft() {
    step();
    return new Drafted();
  }

  @Override
  public void forceNames() throws IOException {
    step();
    failIfTold();
    namesOnDisk.clear();
    namesOnDisk.putAll(names);
  }

  private void failIfTold() throws IOException {
    if (failsForces) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public Map<String, Long> open() {
    Map<String, Long> found = new HashMap<>();
    names.forEach((name, bytes) -> found.put(name, (long) bytes.written.length));
    return found;
  }

  @Override
  public InputStream read(String name) throws IOException {
    Bytes bytes = names.get(name);
    if (bytes == null) {
      throw new NoSuchFileException(name);
    }
    return new ByteArrayInputStream(bytes.written);
  }

  @Override
  public void delete(String name) {
    step();
    names.remove(name);
  }

  private final class Drafted implements Draft {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Bytes bytes = new Bytes();

    @Override
    public void write(byte[] from, int count) throws IOException {
      step();
      if (failsWrites) {
        throw new IOException("No space left on device");
      }
      out.write(from, 0, count);
      bytes.written = out.toByteArray();
    }

    @Override
    public void force() throws IOException {
      step();
      failIfTold();
      bytes.forced = bytes.written;
    }

    @Override
    public void publish(String name) {
      step();
      names.put(name, bytes);
    }

    @Override
    public void close() {}
  }
}
