package io.rananeeti.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first start of an emulator's instances: a copy of the golden data each, an address each
 * (127.0.0.11, 12 in the first region, 21 in the second), one port for all.
 */
final class AuroraLauncher {

  static final int MOST_INSTANCES = 9;

  private static final int ADDRESSES_OF_REGION = 10;
  private static final int PORT_ATTEMPTS = 100;

  private final AuroraNames names;
  private final Map<String, Integer> regions;
  private final Map<String, String> settings;
  private final Path cache = PostgresBinaries.defaultCache();
  private final AuroraDirectory directory;
  private @Nullable Path rootCertificate;

  AuroraLauncher(AuroraNames names, Map<String, Integer> regions, Map<String, String> settings) {
    this.names = names;
    this.regions = new LinkedHashMap<>(regions);
    this.settings = defaults();
    this.settings.putAll(settings);
    try {
      this.directory = AuroraDirectory.create(cache);
    } catch (IOException e) {
      throw new TestkitException("cannot prepare a directory in " + cache + ": " + e, e);
    }
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shared_buffers", "16MB");
    defaults.put("max_connections", "200");
    defaults.put("max_wal_senders", "20");
    defaults.put("max_replication_slots", "20");
    defaults.put("max_wal_size", "256MB");
    defaults.put("wal_keep_size", "128MB");
    defaults.put("synchronous_commit", "remote_apply");
    defaults.put("recovery_init_sync_method", "syncfs");
    defaults.put("hot_standby_feedback", "on");
    defaults.put("max_standby_streaming_delay", "1s");
    defaults.put("wal_receiver_status_interval", "1s");
    defaults.put("wal_retrieve_retry_interval", "100ms");
    return defaults;
  }

  AuroraDirectory directory() {
    return directory;
  }

  /** Starts the writer, then the readers, which do not receive yet. */
  List<AuroraInstance> start() {
    List<AuroraInstance> started = new ArrayList<>();
    try {
      AuroraGolden golden = AuroraGolden.in(cache);
      List<AuroraInstance.Place> places = places();
      encrypt(places);
      for (AuroraInstance.Place place : places) {
        golden.copyTo(place.directory());
        started.add(
            AuroraInstance.start(
                place, started.isEmpty() ? null : started.get(0), cache, settings));
      }
      return started;
    } catch (IOException e) {
      end(started);
      throw new TestkitException("cannot copy the data of an instance: " + e, e);
    } catch (RuntimeException e) {
      end(started);
      throw e;
    }
  }

  private void encrypt(List<AuroraInstance.Place> places) {
    List<String> all = names.endpoints(List.copyOf(regions.keySet()));
    places.forEach(place -> all.add(place.host()));
    AuroraCertificate certificate = AuroraCertificate.forNames(all, cache);
    rootCertificate = certificate.certificate();
    settings.putIfAbsent("ssl", "on");
    settings.putIfAbsent("ssl_cert_file", certificate.certificate().toString());
    settings.putIfAbsent("ssl_key_file", certificate.key().toString());
  }

  /** Returns the certificate of all instances, once they are started. */
  Path rootCertificate() {
    return Objects.requireNonNull(rootCertificate, "not started");
  }

  private void end(List<AuroraInstance> started) {
    started.forEach(AuroraInstance::close);
    directory.close();
  }

  private List<AuroraInstance.Place> places() {
    List<AuroraInstance.Place> places = new ArrayList<>();
    List<String> all = List.copyOf(regions.keySet());
    List<InetAddress> addresses = addresses();
    int port = freePort(addresses);
    Map<String, Integer> numbers = new LinkedHashMap<>();
    for (String region : all) {
      for (int number = 0; number < regions.getOrDefault(region, 0); number++) {
        String prefix = region.substring(0, region.indexOf('-'));
        String id = prefix + numbers.merge(prefix, 1, Integer::sum);
        InetSocketAddress address = new InetSocketAddress(addresses.get(places.size()), port);
        places.add(
            new AuroraInstance.Place(
                id, region, names.instance(all, region, id), address, directory.instance(id)));
      }
    }
    return places;
  }

  private List<InetAddress> addresses() {
    List<InetAddress> addresses = new ArrayList<>();
    int region = 0;
    for (int instances : regions.values()) {
      region++;
      for (int number = 1; number <= instances; number++) {
        addresses.add(loopback(region * ADDRESSES_OF_REGION + number));
      }
    }
    return addresses;
  }

  private static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  private static int freePort(List<InetAddress> addresses) {
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      int port = LoopbackPort.free();
      if (addresses.stream().allMatch(address -> LoopbackPort.isFree(address, port))) {
        return port;
      }
    }
    throw new TestkitException(
        "no port is free on all of %s: the emulator needs Linux, whose loopback has all of 127.0.0.0/8"
            .formatted(addresses));
  }
}
