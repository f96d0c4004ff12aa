package io.rananeeti.testkit;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who receives whose WAL, who waits for whom, and what becomes of the others when one is promoted.
 * Guarded by the emulator's lock.
 *
 * <p>Readers in the region of their writer stand for Aurora's shared storage: COMMIT waits until
 * they have applied it, so any of them has all that was acknowledged. When one of them dies, hangs
 * or is cut off, the writer is told first not to wait for it; when the writer is cut off, it is
 * not, so that it can acknowledge nothing any more, as Aurora's storage would refuse it.
 */
final class AuroraReplication {

  private final AuroraMembers members;
  private final AuroraPublication publication;

  /** Whom the writer succeeded. */
  private @Nullable AuroraInstance predecessor;

  AuroraReplication(AuroraMembers members, AuroraPublication publication) {
    this.members = members;
    this.publication = publication;
  }

  /** Lets a reader begin to receive, and its writer wait for it once it does. */
  void attach(AuroraInstance reader, AuroraInstance writer) {
    reader.follow(writer);
    members.apply();
    join(reader);
  }

  /**
   * Waits until a running reader streams, if the network lets it, and lets its writer wait for it.
   * One that has more than its new writer had begins anew with the writer's data.
   */
  void join(AuroraInstance reader) {
    AuroraInstance writer = reader.upstream;
    if (writer == null
        || writer.upstream != null
        || !reader.isUp()
        || !writer.isUp()
        || reader.feedPassage() != AuroraInstance.Passage.OPEN) {
      return;
    }
    if (!reader.awaitStreaming()) {
      rebuild(reader);
      return;
    }
    if (reader.region().equals(writer.region())) {
      reader.inSync = true;
      updateSync(writer);
      reader.awaitPosition(writer.position());
    }
  }

  /** Lets the writer wait for those readers that can answer, and for no others. */
  void updateSync(AuroraInstance writer) {
    List<String> readers =
        members
            .followers(writer)
            .filter(reader -> reader.inSync && !members.isCutFrom(reader, writer))
            .map(AuroraInstance::id)
            .toList();
    if (writer.isUp() && !readers.equals(writer.waitsFor)) {
      writer.waitFor(readers);
    }
  }

  /** Lets nobody wait for that reader any more, before something happens to it. */
  void leave(AuroraInstance reader) {
    AuroraInstance writer = reader.upstream;
    reader.silent();
    reader.inSync = false;
    if (writer != null) {
      updateSync(writer);
    }
  }

  /**
   * Lets go of readers that can't answer before a server is shut down in order, because it would
   * wait until they have received all.
   */
  void letGoOfTheSilent(AuroraInstance upstream) {
    members
        .followers(upstream)
        .filter(
            reader -> reader.state == AuroraInstance.State.HUNG || members.areCut(reader, upstream))
        .forEach(reader -> reader.feedTo(AuroraInstance.Passage.REFUSED));
  }

  /** Returns who of a region has received most, once none of them receives any more. */
  AuroraInstance mostAdvanced(String region) {
    List<AuroraInstance> candidates =
        members.region(region).stream()
            .filter(instance -> instance.isUp() && !instance.detached)
            .toList();
    candidates.forEach(AuroraInstance::stopReceiving);
    return candidates.stream()
        .max(Comparator.comparingLong(AuroraInstance::position))
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no instance of %s runs and belongs to the cluster: start or rejoin one first"
                        .formatted(region)));
  }

  /** Makes it the writer of all who are not given up. */
  void promote(AuroraInstance reader) {
    AuroraInstance before = members.writer();
    members.all().stream()
        .filter(other -> other.upstream == before && !other.detached)
        .forEach(AuroraInstance::stopReceiving);
    reader.promote();
    predecessor = before;
    members.writer(reader);
    members.unpause(reader.region());
    members.apply();
    publication.publish();
    members.all().forEach(this::settle);
  }

  /** The same, after the old writer was shut down in order: it has nothing of its own. */
  void promote(AuroraInstance reader, AuroraInstance stopped) {
    promote(reader);
    stopped.feedTo(AuroraInstance.Passage.OPEN);
    stopped.startAsReaderOf(reader);
    members.apply();
    join(stopped);
  }

  /** Waits until all who receive have flushed what the writer has written so far. */
  void awaitAll() {
    AuroraInstance writer = members.writer();
    long written = writer.position();
    members
        .followers(writer)
        .filter(reader -> reader.isUp() && reader.feedPassage() == AuroraInstance.Passage.OPEN)
        .forEach(reader -> reader.awaitPosition(written));
  }

  /** Lets an instance that runs and belongs to the cluster follow the writer, if it does not. */
  void settle(AuroraInstance instance) {
    AuroraInstance writer = members.writer();
    if (!needsToSettle(instance) || !instance.isUp() || members.areCut(instance, writer)) {
      return;
    }
    if (instance.upstream != null && instance.upstream == predecessor) {
      attach(instance, writer);
    } else {
      rebuild(instance);
    }
  }

  boolean needsToSettle(AuroraInstance instance) {
    AuroraInstance writer = members.writer();
    return instance != writer && !instance.detached && instance.upstream != writer;
  }

  /** Gives an instance the writer's data anew. */
  void rebuild(AuroraInstance instance) {
    AuroraInstance writer = members.writer();
    if (!writer.isUp()) {
      throw new IllegalStateException(
          "%s needs the data of the writer %s, which does not run: start that first"
              .formatted(instance, writer));
    }
    leave(instance);
    instance.detached = false;
    instance.rebuildFrom(writer);
    members.apply();
    join(instance);
  }
}
