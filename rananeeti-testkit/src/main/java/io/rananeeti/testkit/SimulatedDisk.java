package io.rananeeti.testkit;

import io.rananeeti.log.LogStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that outlives the storages opened on it, and fails when told to. Thread-safe.
 *
 * <p>It keeps appends in files, whose positions lie as far apart as those of real ones. A new file
 * vanishes in a power cut, forced or not, unless its name is on disk: {@link SimulatedStorage} sees
 * to that before it appends.
 *
 * <p>What was appended and not forced lies in its page cache: {@link #kill()}, the end of a
 * process, keeps it; {@link #crash}, a power cut, keeps of each such append all, the beginning or
 * nothing, independently of the others, as a kernel that writes pages back in any order does. What
 * a force that failed should have brought to disk can still be read, and no later force covers it.
 */
public final class SimulatedDisk implements LogStorage.Factory {

  /** The largest append that it takes. */
  static final int MAX_APPEND = 1 << 20;

  private static final int APPENDS_A_FILE = 32;
  private static final long POSITIONS_APART = 1 << 20;

  /** One append; {@code bytes} are what the page cache holds. */
  private static final class Extent {

    private final long position;
    private final int file;
    private byte[] bytes;
    private boolean forced;

    Extent(long position, int file, byte[] bytes) {
      this.position = position;
      this.file = file;
      this.bytes = bytes;
    }

    private boolean contains(byte[] wanted) {
      for (int at = 0; at + wanted.length <= bytes.length; at++) {
        if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
          return true;
        }
      }
      return false;
    }

    private Piece piece() {
      return new Piece(position, bytes.clone());
    }
  }

  /** An append as a reader gets it. */
  @SuppressWarnings("ArrayRecordComponent")
  record Piece(long position, byte[] bytes) {}

  private static final long SLOW_FORCE_NANOS = 1_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition appended = lock.newCondition();
  private final List<Extent> extents = new ArrayList<>();
  private final List<Extent> unforced = new ArrayList<>();
  private final List<byte[]> aside = new ArrayList<>();
  private @Nullable SimulatedStorage mounted;
  private long end = 1;
  private long used;
  private int file;
  private int named;
  private int appendsAFile = APPENDS_A_FILE;
  private int inFile;
  private long capacity = 1L << 40;
  private boolean forcesFail;
  private boolean appendsFail;
  private boolean forcesAreSlow;
  private int forces;
  private int stepsToCrash;
  private Runnable whileForcing = () -> {};
  private @Nullable RandomGenerator crash;

  /** Opens the one storage on this disk, whatever the directory. */
  @Override
  public LogStorage open(Path directory) throws IOException {
    lock.lock();
    try {
      if (mounted != null) {
        throw new IOException("the disk is in use");
      }
      mounted = new SimulatedStorage(this);
      return mounted;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the process: its storage is dead, what it wrote stays, forced or not. A power cut that was
   * planned for it is off.
   */
  public void kill() {
    lock.lock();
    try {
      mounted = null;
      crash = null;
    } finally {
      lock.unlock();
    }
  }

  /** Cuts the power: the storage is dead, what was not forced may be gone in whole or in part. */
  public void crash(RandomGenerator random) {
    lock.lock();
    try {
      cutPower(random);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Cuts the power in the n-th step from now, counted from 1: a reservation, an append, the
   * beginning or the end of a force. The step itself does not happen.
   */
  public void crashInStep(int n, RandomGenerator random) {
    lock.lock();
    try {
      stepsToCrash = n;
      crash = random;
    } finally {
      lock.unlock();
    }
  }

  /** From now on a force takes until something else was appended, or a millisecond; or no time. */
  public void slowForces(boolean slow) {
    lock.lock();
    try {
      forcesAreSlow = slow;
    } finally {
      lock.unlock();
    }
  }

  /** From now on each force fails with an {@link IOException}, or works again. */
  public void failForces(boolean fail) {
    lock.lock();
    try {
      forcesFail = fail;
    } finally {
      lock.unlock();
    }
  }

  /** From now on each append fails as a mapping does on a broken disk, or works again. */
  public void failAppends(boolean fail) {
    lock.lock();
    try {
      appendsFail = fail;
    } finally {
      lock.unlock();
    }
  }

  /** Runs in the middle of each force, with nothing locked; what it throws ends the force. */
  public void whileForcing(Runnable action) {
    lock.lock();
    try {
      whileForcing = action;
    } finally {
      lock.unlock();
    }
  }

  /** From now on only this many bytes more are taken, until it is {@link #resize resized}. */
  public void fillUp(long spare) {
    lock.lock();
    try {
      capacity = used + spare;
    } finally {
      lock.unlock();
    }
  }

  /** The disk has this many bytes in all. */
  public void resize(long bytes) {
    lock.lock();
    try {
      capacity = bytes;
    } finally {
      lock.unlock();
    }
  }

  /** From now on a new file is begun after so many appends. */
  public void filesOf(int appends) {
    lock.lock();
    try {
      appendsAFile = appends;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a power cut now could take an append away that contains this text, or one before it;
   * false if there is none.
   */
  public boolean forgets(String text) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try {
      boolean all = true;
      for (Extent extent : extents) {
        all &= extent.forced && extent.file < named;
        if (!all && extent.contains(wanted)) {
          return true;
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Flips a bit of the n-th append that is kept, from 0. */
  public void corrupt(int n, int bit) {
    lock.lock();
    try {
      byte[] bytes = extents.get(n).bytes;
      bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    } finally {
      lock.unlock();
    }
  }

  /** Takes the n-th append that is kept away, from 0. */
  public void lose(int n) {
    lock.lock();
    try {
      extents.remove(n);
      recount();
    } finally {
      lock.unlock();
    }
  }

  /** Cuts the n-th append that is kept to this many bytes, and zeros. */
  public void tear(int n, int length) {
    lock.lock();
    try {
      byte[] bytes = extents.get(n).bytes;
      Arrays.fill(bytes, length, bytes.length, (byte) 0);
    } finally {
      lock.unlock();
    }
  }

  /** The appends that are kept, in order; as {@link #putBack} takes them, whole or damaged. */
  public List<byte[]> contents() {
    lock.lock();
    try {
      return extents.stream().map(extent -> extent.bytes.clone()).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the process, and gives the disk other contents: appends damaged, cut, missing, doubled or
   * in another order. They are as durable as if they had been forced.
   */
  public void putBack(List<byte[]> appends) {
    lock.lock();
    try {
      mounted = null;
      extents.clear();
      unforced.clear();
      aside.clear();
      end = 1;
      for (byte[] bytes : appends) {
        add(bytes.clone()).forced = true;
      }
      named = file + 1;
      recount();
    } finally {
      lock.unlock();
    }
  }

  /** How many appends are kept. */
  public int appends() {
    lock.lock();
    try {
      return extents.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many forces have returned. */
  public int forces() {
    lock.lock();
    try {
      return forces;
    } finally {
      lock.unlock();
    }
  }

  /** How many appends were cut off by repairs, and kept aside. */
  public int keptAside() {
    lock.lock();
    try {
      return aside.size();
    } finally {
      lock.unlock();
    }
  }

  void reserve(SimulatedStorage by, int bytes) throws IOException {
    lock.lock();
    try {
      step(by);
      if (used + bytes > capacity) {
        throw new IOException("No space left on device");
      }
    } finally {
      lock.unlock();
    }
  }

  long append(SimulatedStorage by, byte[] bytes) throws IOException {
    lock.lock();
    try {
      step(by);
      if (appendsFail) {
        throw new InternalError("a fault occurred in an unsafe memory access operation");
      }
      Extent extent = add(bytes);
      unforced.add(extent);
      used += bytes.length;
      appended.signalAll();
      return extent.position;
    } finally {
      lock.unlock();
    }
  }

  /** The name of the file that the next append goes to is on disk once this returns. */
  void forceName(SimulatedStorage by) throws IOException {
    lock.lock();
    try {
      alive(by);
      named = inFile == appendsAFile ? file + 2 : file + 1;
    } finally {
      lock.unlock();
    }
  }

  void force(SimulatedStorage by) throws IOException {
    List<Extent> covered = beginForce(by);
    meanwhile().run();
    lock.lock();
    try {
      awaitAppend();
      step(by);
      covered.forEach(extent -> extent.forced = true);
      unforced.subList(0, covered.size()).clear();
      forces++;
    } finally {
      lock.unlock();
    }
  }

  private Runnable meanwhile() {
    lock.lock();
    try {
      return whileForcing;
    } finally {
      lock.unlock();
    }
  }

  /** The first append behind this position, null if there is none. */
  @Nullable Piece after(SimulatedStorage by, long position) throws IOException {
    lock.lock();
    try {
      alive(by);
      int index = indexOf(position + 1);
      return index < extents.size() ? extents.get(index).piece() : null;
    } finally {
      lock.unlock();
    }
  }

  void truncate(SimulatedStorage by, long position) throws IOException {
    lock.lock();
    try {
      alive(by);
      List<Extent> cut = extents.subList(indexOf(position + 1), extents.size());
      cut.forEach(extent -> aside.add(extent.bytes));
      unforced.removeAll(cut);
      cut.clear();
      recount();
    } finally {
      lock.unlock();
    }
  }

  void refresh(SimulatedStorage by, long fromPosition) throws IOException {
    lock.lock();
    try {
      step(by);
      for (Extent extent : extents.subList(indexOf(fromPosition), extents.size())) {
        if (!extent.forced && !unforced.contains(extent)) {
          unforced.add(extent);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  boolean releases(long belowPosition) {
    lock.lock();
    try {
      return !extents.isEmpty() && extents.get(0).file < firstFileKept(belowPosition);
    } finally {
      lock.unlock();
    }
  }

  void release(SimulatedStorage by, long belowPosition) throws IOException {
    lock.lock();
    try {
      alive(by);
      int keep = firstFileKept(belowPosition);
      extents.removeIf(extent -> extent.file < keep);
      recount();
    } finally {
      lock.unlock();
    }
  }

  long size(SimulatedStorage by) throws IOException {
    lock.lock();
    try {
      alive(by);
      return used;
    } finally {
      lock.unlock();
    }
  }

  long free(SimulatedStorage by) throws IOException {
    lock.lock();
    try {
      alive(by);
      return Math.max(0, capacity - used);
    } finally {
      lock.unlock();
    }
  }

  void unmount(SimulatedStorage by) {
    lock.lock();
    try {
      if (mounted == by) {
        mounted = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private Extent add(byte[] bytes) {
    if (inFile == appendsAFile) {
      file++;
      inFile = 0;
      end = (end | (POSITIONS_APART - 1)) + 1;
    }
    inFile++;
    Extent extent = new Extent(end, file, bytes);
    extents.add(extent);
    end += Math.max(1, bytes.length);
    return extent;
  }

  private List<Extent> beginForce(SimulatedStorage by) throws IOException {
    lock.lock();
    try {
      step(by);
      if (forcesFail) {
        unforced.clear();
        throw new IOException("Input/output error");
      }
      return List.copyOf(unforced);
    } finally {
      lock.unlock();
    }
  }

  private void awaitAppend() {
    if (!forcesAreSlow) {
      return;
    }
    long before = end;
    boolean interrupted = Thread.interrupted();
    try {
      for (long left = SLOW_FORCE_NANOS; left > 0 && end == before; ) {
        left = appended.awaitNanos(left);
      }
    } catch (InterruptedException hurried) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void step(SimulatedStorage storage) throws IOException {
    alive(storage);
    RandomGenerator random = crash;
    if (random != null && --stepsToCrash == 0) {
      crash = null;
      cutPower(random);
      throw new IOException("the power was cut");
    }
  }

  private void cutPower(RandomGenerator random) {
    mounted = null;
    for (Iterator<Extent> all = extents.iterator(); all.hasNext(); ) {
      Extent extent = all.next();
      if (extent.file >= named || (!extent.forced && !survives(extent, random))) {
        all.remove();
      }
      extent.forced = true;
    }
    unforced.clear();
    recount();
  }

  private void alive(SimulatedStorage storage) throws IOException {
    if (mounted != storage) {
      throw new IOException("the storage is closed");
    }
  }

  private void recount() {
    used = extents.stream().mapToLong(extent -> extent.bytes.length).sum();
  }

  private int firstFileKept(long belowPosition) {
    int index = indexOf(belowPosition);
    return index < extents.size() ? extents.get(index).file : file;
  }

  private int indexOf(long position) {
    int least = 0;
    int most = extents.size();
    while (least < most) {
      int middle = (least + most) >>> 1;
      if (extents.get(middle).position < position) {
        least = middle + 1;
      } else {
        most = middle;
      }
    }
    return least;
  }

  private static boolean survives(Extent extent, RandomGenerator random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return false;
      }
      case 1 -> {
        int kept = random.nextInt(extent.bytes.length);
        Arrays.fill(extent.bytes, kept, extent.bytes.length, (byte) 0);
      }
      case 2 -> extent.bytes = Arrays.copyOf(extent.bytes, random.nextInt(extent.bytes.length));
      default -> {}
    }
    return true;
  }
}
