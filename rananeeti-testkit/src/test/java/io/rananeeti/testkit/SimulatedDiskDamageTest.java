package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;
import io.rananeeti.testkit.LogImage.Content;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Each append counts as a file of its own. */
final class SimulatedDiskDamageTest extends LogDamageContract {

  private static final String APPEND = "append-";

  private final SimulatedDisk disk = new SimulatedDisk();

  @Override
  protected LogStorage.Factory factory() {
    return disk;
  }

  @Override
  protected LogImage read(Path of) throws IOException {
    LogImage image = super.read(of);
    int number = 0;
    for (byte[] bytes : disk.contents()) {
      image = image.with(APPEND + "%06d".formatted(++number), new Content(bytes));
    }
    return image;
  }

  @Override
  protected void write(LogImage image, Path to) throws IOException {
    List<byte[]> appends = new ArrayList<>();
    LogImage files = image;
    for (String name : image.names()) {
      if (name.startsWith(APPEND)) {
        appends.add(image.get(name).bytes());
        files = files.without(name);
      }
    }
    disk.putBack(appends);
    super.write(files, to);
  }

  /** There is one of it, wherever it is asked for. */
  @Override
  protected boolean salvages() {
    return false;
  }

  /** Appends are counted anew. */
  @Override
  protected LogImage asWritten(LogImage image, Path to) throws IOException {
    return read(to);
  }

  @Override
  protected int sample() {
    return 100;
  }

  @Override
  protected int randomDamages() {
    return FULL ? 10_000 : 1_000;
  }
}
