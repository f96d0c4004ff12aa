package io.rananeeti.internal.log;

import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.log.Framing.Frame;
import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a damaged log anew, with all of its entries that can be read. By itself, where none is
 * missing and only what lies between them is damaged. Where some are missing, when a person names
 * them exactly as the refusal to start did; then a {@link LogRecord.Lost} stands in the place of
 * each. What was there before is kept aside.
 *
 * <p><b>The crash argument.</b> The new storage is written and forced in {@value #DRAFT}, which
 * means nothing to anybody, and becomes {@value #READY} by one rename: the decision. From then on
 * each open, this one or one after a crash, moves the old storage aside and then the new one in its
 * place, and each of these moves is on disk before the next begins. A storage in {@value #READY}
 * was not moved yet; one in its place without one there was. A crash never leaves both storages in
 * one place, and before the decision it changes nothing.
 *
 * <p>A setting that names something else than what is missing does nothing, so one that was left
 * behind does no harm to what is lost later.
 */
final class LogSalvage {

  /** The system property that names the lost entries to go on without. */
  static final String SETTING = "rananeeti.accept-log-loss";

  private static final String DRAFT = "salvaged.new";
  private static final String READY = "salvaged";
  private static final String ASIDE = "before-repair";

  private final Framing framing;
  private final FrameBuffer made;
  private final LogStorage target;
  private final LogRecord.Lost lost;
  private ByteBuffer copy = ByteBuffer.allocate(0);
  private long expected;

  private LogSalvage(Framing framing, LogStorage target, LogRecord.Lost lost, long first) {
    this.framing = framing;
    this.made = new FrameBuffer(framing, target.maxAppend());
    this.target = target;
    this.lost = lost;
    this.expected = first;
  }

  /** Ends what a crash has interrupted; at each open, before anything is read. */
  static void finish(Path log) throws IOException {
    delete(log.resolve(DRAFT));
    Path ready = log.resolve(READY);
    if (Files.notExists(ready)) {
      return;
    }
    for (Path storage : children(ready)) {
      Path place = log.resolve(storage.getFileName());
      if (Files.exists(place)) {
        move(place, aside(log, String.valueOf(place.getFileName())));
      }
      move(storage, place);
    }
    Files.delete(ready);
    DurableFiles.forceNames(log);
  }

  /**
   * Decides, and writes it; {@link #finish} then puts it in its place, once nobody has the storage
   * open any more.
   *
   * @param accepted what a person goes on without, null for nothing
   * @return what was done, for a person
   * @throws LogFailedException if entries are missing that nobody has accepted the loss of
   */
  static String write(
      Path log,
      LogStorage.Factory factory,
      LogStorage damaged,
      Framing framing,
      LogScan.Found found,
      @Nullable String accepted,
      Instant now)
      throws IOException {
    LogScan.Damage damage = Objects.requireNonNull(found.damage(), "damage");
    if (!damage.missing().isEmpty() && !damage.missing().equals(withoutSpaces(accepted))) {
      throw refusal(damage.missing(), found.behind(), accepted);
    }
    Path draft = log.resolve(DRAFT);
    DurableFiles.makeDirectory(draft);
    String leftOut;
    try (LogStorage target = factory.open(draft)) {
      leftOut =
          new LogSalvage(framing, target, new LogRecord.Lost(now), damage.from())
              .copy(damaged, damage.to());
    } catch (IOException failure) {
      deleteAfter(failure, draft);
      throw new IOException(
          "the damaged log could not be written anew, which takes as much space again (bytes=%d, free=%d): %s"
              .formatted(damaged.size(), damaged.free(), Causes.of(failure)),
          failure);
    }
    move(draft, log.resolve(READY));
    return "the log was damaged behind entry %d and was written anew when it was opened, %s%s; its files from before are in %s"
        .formatted(found.last(), without(damage.missing()), leftOut, log.resolve(ASIDE));
  }

  private static String withoutSpaces(@Nullable String accepted) {
    return accepted == null ? "" : accepted.replace(" ", "");
  }

  private static String without(String missing) {
    return missing.isEmpty()
        ? "with all its entries"
        : "without entries %s, as %s says".formatted(missing, SETTING);
  }

  private static LogFailedException refusal(
      String missing, String behind, @Nullable String accepted) {
    return new LogFailedException(
        "the log refuses to start: entries that were on disk can't be read any more, missing=%s%s%s; bring the log's files back from a copy, or ask the stores for what became of them; to go on without them, start with -D%s=%s"
            .formatted(
                missing,
                behind,
                accepted == null ? "" : "; not the same as what is accepted: " + accepted,
                SETTING,
                missing),
        null);
  }

  /** Returns what was left out at the end, for a person. */
  private String copy(LogStorage damaged, long proven) throws IOException {
    String leftOut;
    try (FrameWalk walk = new FrameWalk(damaged, framing)) {
      Frame frame = walk.next();
      while (frame != null && (frame.sequence() <= proven || frame.sequence() == expected)) {
        fill(frame.sequence() - 1, proven);
        write(frame);
        frame = walk.next();
      }
      leftOut = leftOut(walk, frame, proven);
    }
    fill(proven, proven);
    target.force();
    return leftOut;
  }

  /** What lies behind a gap that nobody proves to have been on disk is no part of the log. */
  private String leftOut(FrameWalk walk, @Nullable Frame from, long proven) throws IOException {
    if (from == null) {
      return "";
    }
    long least = from.sequence();
    long most = least;
    for (Frame frame = walk.next(); frame != null; frame = walk.next()) {
      most = Math.max(most, frame.sequence());
    }
    return " but for what lay behind entry %d, which was never forced as far as the log can tell (entries from %d to %d)"
        .formatted(Math.max(expected - 1, proven), least, most);
  }

  /** Writes that all up to this sequence which were not written are lost. */
  private void fill(long last, long proven) throws IOException {
    while (expected <= last) {
      int bytes = made.encode(lost);
      put(bytes, made.frame(expected, proven));
    }
  }

  private void write(Frame frame) throws IOException {
    if (copy.capacity() < frame.length()) {
      copy = ByteBuffer.allocate(frame.length());
    }
    copy.clear().limit(frame.length());
    copy.put(FrameDescriptor.PAYLOAD_OFFSET, frame.payload(), 0, frame.payload().remaining());
    framing.complete(copy, frame.sequence(), frame.forced());
    put(frame.length(), copy);
  }

  private void put(int bytes, ByteBuffer frame) throws IOException {
    target.reserve(bytes);
    target.append(frame);
    expected++;
  }

  private static Path aside(Path log, String name) throws IOException {
    Path aside = log.resolve(ASIDE);
    DurableFiles.makeDirectory(aside);
    int number = 1;
    while (Files.exists(aside.resolve(numbered(number, name)))) {
      number++;
    }
    return aside.resolve(numbered(number, name));
  }

  private static String numbered(int number, String name) {
    return "%04d-%s".formatted(number, name);
  }

  /** On disk once this returns. */
  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.forceNames(parent(to));
    DurableFiles.forceNames(parent(from));
  }

  /** A draft takes the space that its repair has missed. */
  private static void deleteAfter(IOException failure, Path draft) {
    try {
      delete(draft);
    } catch (IOException suppressed) {
      failure.addSuppressed(suppressed);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.delete(path);
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent(), "parent");
  }
}
