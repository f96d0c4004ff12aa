package io.rananeeti.internal.archive;

import io.rananeeti.internal.codec.ArchiveCodec;
import io.rananeeti.internal.codec.ArchiveIndex;
import io.rananeeti.internal.codec.ArchiveName;
import io.rananeeti.internal.storage.DurableFiles;
import io.rananeeti.log.ArchiveStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts objects into the archive, each with its index behind it. Used by one thread. */
public final class ArchiveUpload {

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveUpload.class);
  private static final String INDEX = ".index";

  private final ArchiveStorage storage;
  private final Predicate<UUID> knows;

  /**
   * To this storage.
   *
   * @param knows whether the log knows of an incarnation
   */
  public ArchiveUpload(ArchiveStorage storage, Predicate<UUID> knows) {
    this.storage = storage;
    this.knows = knows;
  }

  /**
   * The last object of this log; null if there is none. Leaves out what this log has never been: a
   * copy of it that has gone on by itself, or what it was before it was brought back from a copy.
   *
   * @param opened an entry of this open of the log
   */
  public @Nullable ArchiveName last(String platform, UUID log, long opened) throws IOException {
    ArchiveName[] last = new ArchiveName[1];
    new ArchiveReader(storage)
        .names(
            ArchiveName.prefix(platform, log),
            name -> {
              UUID incarnation = name.incarnation();
              boolean own =
                  name.last() < opened
                      && (incarnation.equals(ArchiveName.UNKNOWN) || knows.test(incarnation));
              if (own && (last[0] == null || last[0].last() < name.last())) {
                last[0] = name;
              }
            });
    return last[0];
  }

  /** Returns if the storage answers. */
  public void reach() throws IOException {
    storage.list("", "", 1);
  }

  /**
   * Returns once the object and its index are there, by whomever.
   *
   * @throws IOException if nobody knows that, or others stand in their place
   */
  public void put(ArchiveDraft.Finished whole) throws IOException {
    ArchiveIndex index = whole.index();
    ArchiveIndex.Data data = index.data();
    if (!storage.put(index.dataName(), whole.file(), data.bytes(), data.sha256())) {
      throw new IOException(
          "%s holds other bytes than its name says: somebody has changed it; move it away"
              .formatted(index.dataName()));
    }
    byte[] bytes = ArchiveCodec.encode(index);
    Path file = indexFile(whole.file());
    try (FileChannel out = DurableFiles.openPrivate(file, StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        out.write(left);
      }
    }
    ArchiveName name = index.name();
    if (!storage.put(name.index(), file, bytes.length, Sha256.of(bytes))) {
      compare(new ArchiveReader(storage).index(name), index);
    }
  }

  /** An earlier process may have packed the same entries in another way. */
  private static void compare(ArchiveIndex there, ArchiveIndex here) throws IOException {
    if (!there.data().contentSha256().equals(here.data().contentSha256())) {
      throw new IOException(
          "%s is of other entries of the same numbers; move it away with its object"
              .formatted(here.name().index()));
    }
  }

  /** Deletes the files that drafts were written into. */
  public void deleteDrafts(Path draft) {
    try {
      Files.deleteIfExists(draft);
      Files.deleteIfExists(indexFile(draft));
    } catch (IOException e) {
      LOG.warn("a draft for the archive could not be deleted: {}", draft, e);
    }
  }

  private static Path indexFile(Path draft) {
    return draft.resolveSibling(draft.getFileName() + INDEX);
  }
}
