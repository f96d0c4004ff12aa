package io.rananeeti.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the world is told of the cluster: the topology, by each instance, and the names. Either can
 * be late, and either can be wrong on purpose. Guarded by the emulator's lock.
 */
final class AuroraPublication {

  private final AuroraMembers members;
  private final AuroraNames names;
  private final boolean global;
  private final Map<String, String> overrides = new LinkedHashMap<>();
  private boolean topologyIsFrozen;
  private boolean namesAreFrozen;
  private Set<String> hidden = Set.of();

  AuroraPublication(AuroraMembers members, AuroraNames names, boolean global) {
    this.members = members;
    this.names = names;
    this.global = global;
  }

  void freezeTopology(boolean frozen) {
    topologyIsFrozen = frozen;
  }

  void freezeNames(boolean frozen) {
    namesAreFrozen = frozen;
  }

  void hide(Set<String> instances) {
    hidden = instances;
  }

  void override(String name, AuroraInstance instance) {
    overrides.put(name, instance.address().getHostAddress());
  }

  void dropOverrides() {
    overrides.clear();
  }

  void publish() {
    publishTopology();
    if (!namesAreFrozen) {
      publishNames();
    }
  }

  private void publishTopology() {
    if (topologyIsFrozen) {
      return;
    }
    String topology = topology();
    members.all().stream()
        .filter(instance -> !instance.detached && !members.areCut(instance, members.writer()))
        .forEach(instance -> instance.publish(topology));
  }

  private String topology() {
    String regions =
        members.regions().stream().map(AuroraPublication::quoted).collect(Collectors.joining(", "));
    String instances =
        members.all().stream()
            .filter(instance -> !hidden.contains(instance.id()))
            .map(this::instance)
            .collect(Collectors.joining(",\n    "));
    return """
        {
          "writer": "%s",
          "regions": [%s],
          "instances": [
            %s
          ]
        }
        """
        .formatted(members.writer().id(), regions, instances);
  }

  private String instance(AuroraInstance instance) {
    boolean silent = instance.silentSince != null;
    return "{\"id\": %s, \"region\": %s, \"silent\": %s}"
        .formatted(
            quoted(instance.id()),
            quoted(instance.region()),
            silent ? quoted(String.valueOf(instance.silentSince)) : "null");
  }

  private static String quoted(String plain) {
    return '"' + plain + '"';
  }

  void publishNames() {
    Map<String, List<String>> addresses = new LinkedHashMap<>();
    List<String> regions = members.regions();
    members.all().forEach(instance -> addresses.put(instance.host(), List.of(address(instance))));
    for (String region : regions) {
      addresses.put(names.writer(regions, region), List.of(address(writerOf(region))));
      addresses.put(names.reader(regions, region), readersOf(region));
    }
    if (global) {
      addresses.put(names.global(), List.of(address(members.writer())));
    }
    overrides.forEach((name, address) -> addresses.put(name, List.of(address)));
    List<String> lines = new ArrayList<>();
    addresses.forEach((name, all) -> all.forEach(address -> lines.add(address + " " + name)));
    HostsFile.publish(this, lines);
  }

  /** The cluster endpoint of a region without the writer leads to its first instance, a reader. */
  private AuroraInstance writerOf(String region) {
    AuroraInstance writer = members.writer();
    return writer.region().equals(region) ? writer : members.region(region).get(0);
  }

  private List<String> readersOf(String region) {
    List<String> readers =
        members.region(region).stream()
            .filter(instance -> instance != members.writer() && instance.silentSince == null)
            .map(AuroraPublication::address)
            .toList();
    return readers.isEmpty() ? List.of(address(writerOf(region))) : readers;
  }

  private static String address(AuroraInstance instance) {
    return instance.address().getHostAddress();
  }

  void withdraw() {
    HostsFile.withdraw(this);
  }
}
