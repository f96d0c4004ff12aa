package io.rananeeti.internal.log;

import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.internal.time.Waiter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What must be readable at the next open, beside the entries themselves: a file of {@value
 * ProofDescriptor#LENGTH} bytes, drawn in {@link ProofDescriptor}, overwritten in place after each
 * force. It is evidence, never the truth: it makes damage known that the entries can't show, those
 * at the very end and whole files that are gone.
 *
 * <p><b>The crash argument.</b> {@code forced} is written after the force has returned and is not
 * forced itself. So what is read after a crash is at most what was forced: the last value after a
 * crash of the process, that or an older one after a crash of the machine. A torn or damaged file
 * fails its checksum and proves nothing. {@code released} is forced <em>before</em> anything is
 * deleted, so what is gone at the beginning is never more than it says.
 *
 * <p>Thread-safe; the lock is held across the write on purpose, both write the same bytes.
 */
final class Proof implements AutoCloseable {

  private static final String FILE = "proof";

  private final RandomAccessFile file;
  private final Waiter lock;
  private final ByteBuffer bytes = ByteBuffer.allocate(ProofDescriptor.LENGTH);

  private Proof(RandomAccessFile file, Waiter lock, Read from) {
    this.file = file;
    this.lock = lock;
    UUID id = from.id();
    bytes
        .putInt(ProofDescriptor.MAGIC_OFFSET, ProofDescriptor.MAGIC)
        .putLong(ProofDescriptor.ID_OFFSET, id.getMostSignificantBits())
        .putLong(ProofDescriptor.ID_OFFSET + Long.BYTES, id.getLeastSignificantBits())
        .putLong(ProofDescriptor.FORCED_OFFSET, from.forced())
        .putLong(ProofDescriptor.RELEASED_OFFSET, from.released());
  }

  /** What an earlier process has left. */
  record Read(UUID id, long forced, long released) {}

  /** The proof in this directory, null if there is none or it proves nothing. */
  static @Nullable Read read(Path directory) throws IOException {
    Path path = directory.resolve(FILE);
    if (Files.notExists(path)) {
      return null;
    }
    byte[] content = Files.readAllBytes(path);
    ByteBuffer bytes = ByteBuffer.wrap(content);
    if (content.length != ProofDescriptor.LENGTH
        || bytes.getInt(ProofDescriptor.MAGIC_OFFSET) != ProofDescriptor.MAGIC
        || bytes.getInt(ProofDescriptor.CHECKSUM_OFFSET) != checksum(content)) {
      return null;
    }
    UUID id =
        new UUID(
            bytes.getLong(ProofDescriptor.ID_OFFSET),
            bytes.getLong(ProofDescriptor.ID_OFFSET + Long.BYTES));
    return new Read(
        id,
        bytes.getLong(ProofDescriptor.FORCED_OFFSET),
        bytes.getLong(ProofDescriptor.RELEASED_OFFSET));
  }

  /** Begins to write one, on disk once this returns. */
  static Proof open(Path directory, Waiter lock, Read from) throws IOException {
    Path path = directory.resolve(FILE);
    DurableFiles.openPrivate(path).close();
    Proof proof = new Proof(new RandomAccessFile(path.toFile(), "rw"), lock, from);
    try {
      proof.writeAndForce();
      DurableFiles.forceNames(directory);
      return proof;
    } catch (IOException | RuntimeException failure) {
      proof.close();
      throw failure;
    }
  }

  /** Everything up to this sequence is on disk. */
  void forced(long sequence) throws IOException {
    lock.lock();
    try {
      bytes.putLong(ProofDescriptor.FORCED_OFFSET, sequence);
      write();
    } finally {
      lock.unlock();
    }
  }

  /** Entries below this one are about to be given back; on disk once this returns. */
  void released(long belowSequence) throws IOException {
    lock.lock();
    try {
      bytes.putLong(ProofDescriptor.RELEASED_OFFSET, belowSequence);
      writeAndForce();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void writeAndForce() throws IOException {
    write();
    file.getFD().sync();
  }

  private void write() throws IOException {
    bytes.putInt(ProofDescriptor.CHECKSUM_OFFSET, checksum(bytes.array()));
    file.seek(0);
    file.write(bytes.array());
  }

  private static int checksum(byte[] content) {
    CRC32C checksum = new CRC32C();
    checksum.update(content, 0, ProofDescriptor.CHECKSUM_OFFSET);
    return (int) checksum.getValue();
  }
}
