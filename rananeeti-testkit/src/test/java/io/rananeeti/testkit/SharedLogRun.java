package io.rananeeti.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.rananeeti.Outcome;
import io.rananeeti.TransactionId;
import io.rananeeti.error.LogFailedException;
import io.rananeeti.internal.shared.SharedLog;
import io.rananeeti.internal.shared.SharedLogOptions;
import io.rananeeti.internal.shared.SharedLogReader;
import io.rananeeti.internal.shared.SharedLogReader.Batch;
import io.rananeeti.log.LogEntry;
import io.rananeeti.log.LogRecord;
import io.rananeeti.log.SharedLogStorage;
import io.rananeeti.testkit.InMemorySharedStorage.Weather;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Processes that are one node after the other and at once: each opens the stream, adds to it,
 * sleeps at any call of the storage while others work, wakes, and never learns why; somebody ends
 * the stream now and then; somebody follows it. Replies are lost, and writes land late. One thread,
 * so that a seed says all.
 */
final class SharedLogRun {

  private static final String PLATFORM = "cafe";
  private static final long NODE = 3;
  private static final int PROCESSES = 4;
  private static final int STEPS = 120;

  private final Random random;
  private final SteppingSeams seams;
  private final InMemorySharedStorage shared;
  private final List<Owner> processes = new ArrayList<>();
  private final SharedLogReader follower;
  private final List<LogEntry> followed = new ArrayList<>();
  private final Set<Long> acknowledged = new HashSet<>();
  private final List<String> trace = new ArrayList<>();
  private long number;
  private int depth;
  private int owners;
  private int seals;
  private int zombies;

  SharedLogRun(long seed) {
    random = new Random(seed);
    seams = new SteppingSeams(seed);
    shared = new InMemorySharedStorage(seams, 600 + random.nextInt(3_000));
    follower = SharedLogReader.of(shared.node("follower"), PLATFORM, NODE, 1);
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(new Owner("p" + i));
    }
  }

  /** What it has seen: owners, seals, and owners that met another one. */
  record Seen(int owners, int seals, int zombies, int acknowledged) {}

  Seen run() throws IOException {
    shared.weather(
        new Weather(random.nextInt(3) * 0.08, Duration.ofMillis(50), Duration.ofSeconds(4)),
        random);
    for (int step = 0; step < STEPS; step++) {
      act();
    }
    shared.weather(Weather.CALM, random);
    shared.unreachable(false);
    shared.deliverLate();
    follow();
    audit();
    return new Seen(owners, seals, zombies, acknowledged.size());
  }

  List<String> trace() {
    return trace;
  }

  private void act() {
    Owner process = processes.get(random.nextInt(PROCESSES));
    int what = random.nextInt(100);
    if (what < 4) {
      shared.unreachable(random.nextInt(3) == 0);
    } else if (what < 8) {
      shared.deliverLate();
    } else if (what < 12) {
      end();
    } else if (what < 30) {
      follow();
    } else {
      process.act();
    }
  }

  private void end() {
    try {
      trace.add("seal");
      SharedLog.seal(awkward("ender"), PLATFORM, NODE, "ender", seams);
      seals++;
    } catch (IOException | LogFailedException failure) {
      trace.add("seal failed: " + failure.getMessage());
    }
  }

  private void follow() {
    try {
      for (Batch batch = follower.next(); batch != null; batch = follower.next()) {
        followed.addAll(batch.entries());
      }
    } catch (IOException lost) {
      trace.add("follower: " + lost.getMessage());
    }
  }

  /** What was acknowledged was followed, once, in the order of the stream. */
  private void audit() throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < followed.size(); i++) {
      assertThat(followed.get(i).sequence()).as("sequence").isEqualTo(i + 1);
      if (followed.get(i).record() instanceof LogRecord.Mark mark) {
        numbers.add(mark.id().number());
      }
    }
    assertThat(numbers).doesNotHaveDuplicates().containsAll(acknowledged);
    List<LogEntry> kept = new ArrayList<>();
    SharedLogReader fresh = SharedLogReader.of(shared.node("fresh"), PLATFORM, NODE, 1);
    for (Batch batch = fresh.next(); batch != null; batch = fresh.next()) {
      kept.addAll(batch.entries());
    }
    assertThat(followed).endsWith(kept.toArray(LogEntry[]::new));
  }

  /** The storage of a process that may sleep before each of its calls. */
  private SharedLogStorage awkward(String name) {
    return new Sleepy(shared.node(name));
  }

  private void whileItSleeps() {
    if (depth < 3 && random.nextInt(12) == 0) {
      depth++;
      try {
        for (int i = random.nextInt(6); i >= 0; i--) {
          act();
        }
      } finally {
        depth--;
      }
    }
  }

  private final class Owner {

    private final String name;
    private @Nullable SharedLog log;
    private boolean busy;

    Owner(String name) {
      this.name = name;
    }

    void act() {
      if (busy) {
        return;
      }
      busy = true;
      try {
        SharedLog mine = log;
        if (mine == null) {
          open();
        } else {
          use(mine);
        }
      } catch (LogFailedException ended) {
        trace.add(name + " ends: " + ended.getMessage());
        zombies += String.valueOf(ended.getMessage()).contains("taken over") ? 1 : 0;
        SharedLog mine = log;
        if (mine != null) {
          assertThat(mine.takesEntries()).isFalse();
        }
        log = null;
      } finally {
        busy = false;
      }
    }

    private void open() {
      if (random.nextInt(4) > 0) {
        return;
      }
      SharedLogOptions options =
          SharedLogOptions.of(name).withPatience(Duration.ofSeconds(random.nextInt(20)));
      log = SharedLog.open(awkward(name), PLATFORM, NODE, options, seams);
      owners++;
      trace.add(name + " opens");
    }

    private void use(SharedLog mine) {
      int what = random.nextInt(20);
      if (what == 0) {
        trace.add(name + " dies");
        log = null;
      } else if (what == 1) {
        trace.add(name + " closes");
        mine.close();
        log = null;
      } else if (what < 5) {
        mine.release(followed.size());
      } else {
        add(mine);
      }
    }

    private void add(SharedLog mine) {
      List<Long> added = new ArrayList<>();
      long last = 0;
      for (int i = random.nextInt(4); i >= 0; i--) {
        long next = ++number;
        added.add(next);
        last = mine.append(mark(next, random.nextInt(8) == 0 ? random.nextInt(9_000) : 5));
      }
      mine.force(last);
      acknowledged.addAll(added);
      trace.add(name + " acknowledges " + added);
    }
  }

  private static LogRecord mark(long number, int length) {
    TransactionId id = new TransactionId(new UUID(1, 2), number);
    return new LogRecord.Mark(1, id, Outcome.DUPLICATE, null, "x".repeat(length), Instant.EPOCH);
  }

  private final class Sleepy implements SharedLogStorage {

    private final SharedLogStorage storage;

    Sleepy(SharedLogStorage storage) {
      this.storage = storage;
    }

    @Override
    public int maxBytes() {
      return storage.maxBytes();
    }

    @Override
    public @Nullable Value read(String partition, long key) throws IOException {
      whileItSleeps();
      return storage.read(partition, key);
    }

    @Override
    public List<Value> list(String partition, long fromKey, int most) throws IOException {
      whileItSleeps();
      return storage.list(partition, fromKey, most);
    }

    @Override
    public boolean write(String partition, long key, long ifVersion, byte[] bytes)
        throws IOException {
      whileItSleeps();
      return storage.write(partition, key, ifVersion, bytes);
    }

    @Override
    public boolean remove(String partition, long key, long ifVersion) throws IOException {
      whileItSleeps();
      return storage.remove(partition, key, ifVersion);
    }

    @Override
    public long add(String counter, long n) throws IOException {
      return storage.add(counter, n);
    }

    @Override
    public void close() {
      storage.close();
    }
  }
}
