package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who belongs to the emulated cluster, who is its writer, and where the network is cut. Guarded by
 * the emulator's lock.
 */
final class AuroraMembers {

  private final List<AuroraInstance> instances;
  private final List<Set<AuroraInstance>> partitions = new ArrayList<>();
  private final Set<String> paused = new HashSet<>();
  private AuroraInstance writer;

  AuroraMembers(List<AuroraInstance> instances) {
    this.instances = List.copyOf(instances);
    this.writer = instances.get(0);
  }

  List<AuroraInstance> all() {
    return instances;
  }

  AuroraInstance writer() {
    return writer;
  }

  void writer(AuroraInstance instance) {
    writer = instance;
  }

  List<String> regions() {
    return instances.stream().map(AuroraInstance::region).distinct().toList();
  }

  AuroraInstance instance(String id) {
    return instances.stream()
        .filter(instance -> instance.id().equals(id))
        .findFirst()
        .orElseThrow(() -> unknown(id));
  }

  List<AuroraInstance> region(String name) {
    List<AuroraInstance> found =
        instances.stream().filter(instance -> instance.region().equals(name)).toList();
    if (found.isEmpty()) {
      throw unknown(name);
    }
    return found;
  }

  /** Returns one instance, or those of a region; writers first. */
  List<AuroraInstance> named(String target) {
    return regions().contains(target) ? inOrder(region(target)) : List.of(instance(target));
  }

  List<AuroraInstance> inOrder(List<AuroraInstance> some) {
    return some.stream()
        .sorted(
            Comparator.comparing((AuroraInstance instance) -> instance != writer)
                .thenComparing(instance -> instance.upstream != null))
        .toList();
  }

  private IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "%s is none of the instances %s and regions %s".formatted(name, instances, regions()));
  }

  /** Returns who runs, receives or received from that one, and was not given up. */
  Stream<AuroraInstance> followers(AuroraInstance upstream) {
    return instances.stream().filter(instance -> instance.upstream == upstream);
  }

  void partition(List<AuroraInstance> cutOff) {
    partitions.add(Set.copyOf(cutOff));
  }

  /** Ends every partition that cuts off one of these. */
  void heal(List<AuroraInstance> healed) {
    partitions.removeIf(partition -> healed.stream().anyMatch(partition::contains));
  }

  boolean isPartitioned(AuroraInstance instance) {
    return partitions.stream().anyMatch(partition -> partition.contains(instance));
  }

  boolean areCut(AuroraInstance one, AuroraInstance other) {
    return partitions.stream()
        .anyMatch(partition -> partition.contains(one) != partition.contains(other));
  }

  /** Whether the reader was cut off, rather than the writer it follows. */
  boolean isCutFrom(AuroraInstance reader, AuroraInstance upstream) {
    return partitions.stream()
        .anyMatch(partition -> partition.contains(reader) && !partition.contains(upstream));
  }

  void pause(String region) {
    paused.add(region);
  }

  void unpause(String region) {
    paused.remove(region);
  }

  boolean isPaused(AuroraInstance instance) {
    AuroraInstance upstream = instance.upstream;
    return upstream != null
        && !upstream.region().equals(instance.region())
        && paused.contains(instance.region());
  }

  /** Lets every proxy do what all this means. */
  void apply() {
    for (AuroraInstance instance : instances) {
      instance.clientsTo(clients(instance));
      instance.feedTo(feed(instance));
    }
  }

  private AuroraInstance.Passage clients(AuroraInstance instance) {
    if (isPartitioned(instance)) {
      return AuroraInstance.Passage.SILENT;
    }
    return instance.state == AuroraInstance.State.DOWN
        ? AuroraInstance.Passage.REFUSED
        : AuroraInstance.Passage.OPEN;
  }

  private AuroraInstance.Passage feed(AuroraInstance instance) {
    AuroraInstance upstream = instance.upstream;
    if (upstream == null || isPaused(instance)) {
      return AuroraInstance.Passage.REFUSED;
    }
    return areCut(instance, upstream) ? AuroraInstance.Passage.SILENT : AuroraInstance.Passage.OPEN;
  }
}
