package io.rananeeti.benchmarks;

import com.sun.management.ThreadMXBean;
import io.rananeeti.Durability;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Appends an entry and waits until it is as durable as asked, with as many threads as JMH is told.
 *
 * <p>{@link Rounds} gives it a subject and runs it for one turn; run by JMH itself it makes its own
 * from the parameters, in a temporary directory, for one subject under JMH's profilers.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class AppendBenchmark {

  static volatile @Nullable Subject given;

  /** Bytes allocated, and calls made, by the threads that append. */
  static final LongAdder ALLOCATED = new LongAdder();

  static final LongAdder CALLS = new LongAdder();

  @Param("FILE")
  Kind kind = Kind.FILE;

  @Param("FORCE")
  Durability durability = Durability.FORCE;

  @Param("512")
  int size = 512;

  private @Nullable Path own;
  private @Nullable Subject subject;

  /** Takes the subject that was given, or makes one. */
  @Setup
  public void open() throws IOException {
    subject = given;
    if (subject == null) {
      own = Directories.make(null);
      subject = kind.open(own, new Cell(durability, size, 1));
    }
  }

  /** Closes the subject if it is our own. */
  @TearDown
  public void close() throws IOException {
    Subject open = subject;
    Path directory = own;
    subject = null;
    own = null;
    if (directory != null && open != null) {
      open.close();
      Directories.delete(directory);
    }
  }

  /** Gives disk space back where {@link Rounds} does not. */
  @TearDown(Level.Iteration)
  public void release() throws IOException {
    Subject open = subject;
    if (own != null && open != null && Files.exists(own)) {
      open.release();
    }
  }

  /** What one thread allocates, without what JMH does around it. */
  @State(Scope.Thread)
  public static class Caller {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long calls;
    private long before;

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void begin() {
      calls = 0;
      before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Adds what was counted. */
    @TearDown(Level.Iteration)
    public void end() {
      ALLOCATED.add(THREADS.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
      CALLS.add(calls);
    }
  }

  /** One entry. */
  @Benchmark
  public long append(Caller caller) throws IOException {
    Subject open = subject;
    if (open == null) {
      throw new IllegalStateException("no subject");
    }
    caller.calls++;
    long number = open.append();
    open.commit(number);
    return number;
  }
}
