package io.rananeeti.testkit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * An Aurora PostgreSQL cluster, or a Global Database, of real PostgreSQL servers on this machine:
 * the names, the SQL and the failovers of Aurora, for tests.
 *
 * <pre>{@code
 * try (AuroraEmulator aurora =
 *     AuroraEmulator.global().region("us-east-1", 2).region("eu-west-1", 1).start()) {
 *   // connect to aurora.url(aurora.clusterEndpoint("us-east-1")), write
 *   aurora.kill("us1");
 *   aurora.promote("us2");
 *   aurora.failover("eu-west-1");
 * }
 * }</pre>
 *
 * <p>The first region is the primary one, its first instance the writer; the other instances are
 * readers. An instance's id is the first part of its region and a number: {@code us1}, {@code us2},
 * {@code eu1}. Readers in the writer's region have all that was acknowledged, as with Aurora's
 * shared storage; other regions follow asynchronously.
 *
 * <p>Every instance has its own loopback address, all have the same port, and the names of Amazon's
 * form lead there: {@code us1.xyz1.us-east-1.rds.amazonaws.com}, {@code
 * app.cluster-xyz1.us-east-1.rds.amazonaws.com}, {@code app.cluster-ro-xyz1...}, {@code
 * app.global-xyz1.global.rds.amazonaws.com}. For that the JVM's command line must have {@code
 * -Djdk.net.hosts.file=<a file for this JVM alone> -Dsun.net.inetaddr.ttl=1
 * -Dsun.net.inetaddr.negative.ttl=0}; the file is written by the emulator.
 *
 * <p>Aurora's functions ({@code aurora_replica_status}, {@code aurora_global_db_status} and so on)
 * tell the truth, with LSNs from the replication that really runs, so that the AWS JDBC wrapper
 * takes it for Aurora, and a client can decide by them what another region has. {@link
 * #freezeTopology()}, {@link #hideFromTopology}, {@link #freezeDns()} and {@link #flipDns} let it
 * be late, incomplete or wrong.
 *
 * <p>A verb that takes a target takes the id of an instance or the name of a region. It returns
 * when what it promises is so. Verbs wait for each other; all methods are thread-safe.
 *
 * <p>What it is not: there is no shared storage (a reader that was down must be started before it
 * can be promoted), no IAM, no limits on the superuser {@code postgres}. It needs Linux, whose
 * loopback has all of 127.0.0.0/8. Servers end at {@link #close()} and with the JVM; those of a JVM
 * that was killed are ended by the next emulator that starts.
 */
public final class AuroraEmulator implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final AuroraDirectory directory;
  private final AuroraNames names;
  private final boolean global;
  private final Path rootCertificate;
  private final AuroraMembers members;
  private final AuroraReplication replication;
  private final AuroraPublication publication;
  private boolean closed;

  private AuroraEmulator(
      AuroraLauncher launcher, AuroraNames names, boolean global, List<AuroraInstance> instances) {
    this.directory = launcher.directory();
    this.rootCertificate = launcher.rootCertificate();
    this.names = names;
    this.global = global;
    this.members = new AuroraMembers(instances);
    this.publication = new AuroraPublication(members, names, global);
    this.replication = new AuroraReplication(members, publication);
  }

  /** Returns a builder of a Global Database, whose regions are still to be named. */
  public static Builder global() {
    return new Builder(true);
  }

  /** Returns a builder of a cluster in one region, with so many instances. */
  public static Builder cluster(String region, int instances) {
    return new Builder(false).region(region, instances);
  }

  private void open() {
    publication.publish();
    members.apply();
    members.all().stream().skip(1).forEach(reader -> replication.attach(reader, members.writer()));
    CloseAtExit.add(this);
  }

  /** Returns the port that all names have. */
  public int port() {
    return members.all().get(0).clients().port();
  }

  /** Returns the user of the database {@code postgres}, who may do anything. */
  public String user() {
    return EmbeddedPostgres.USER;
  }

  /** Returns the user's password. */
  public String password() {
    return members.all().get(0).server().password();
  }

  /**
   * Returns the certificate of all instances, its own root, for {@code sslmode=verify-full} with
   * {@code sslrootcert}. Names are right, so a client can be as strict as with Amazon's.
   */
  public Path rootCertificate() {
    return rootCertificate;
  }

  /** Returns the ids of all instances, those of the first region first. */
  public List<String> instances() {
    return members.all().stream().map(AuroraInstance::id).toList();
  }

  /** Returns the ids of the instances of a region. */
  public List<String> instances(String region) {
    return members.region(region).stream().map(AuroraInstance::id).toList();
  }

  /** Returns the regions in the order in which they were named. */
  public List<String> regions() {
    return members.regions();
  }

  /** Returns the id of the writer, which may be down. */
  public String writer() {
    return locked(() -> members.writer().id());
  }

  /** Returns the region of an instance. */
  public String region(String instance) {
    return members.instance(instance).region();
  }

  /** Returns the host name of an instance. */
  public String host(String instance) {
    return members.instance(instance).host();
  }

  /**
   * Returns the host name that leads to the writer, if it is in that region. In another region it
   * leads to the first instance, a reader.
   */
  public String clusterEndpoint(String region) {
    members.region(region);
    return names.writer(members.regions(), region);
  }

  /** Returns the host name that leads to the readers of a region; without any, to its writer. */
  public String readerEndpoint(String region) {
    members.region(region);
    return names.reader(members.regions(), region);
  }

  /**
   * Returns the host name that leads to the writer in whatever region.
   *
   * @throws IllegalStateException if this is no Global Database
   */
  public String globalEndpoint() {
    if (!global) {
      throw new IllegalStateException("a cluster of one region has no global endpoint");
    }
    return names.global();
  }

  /** Returns the plain driver's URL of the database {@code postgres} at one of these host names. */
  public String url(String host) {
    return "jdbc:postgresql://" + host + ":" + port() + "/postgres";
  }

  /**
   * Returns the host patterns that the AWS JDBC wrapper wants of a Global Database ({@code
   * globalClusterInstanceHostPatterns}), such as {@code ?.xyz1.us-east-1.rds.amazonaws.com:15001},
   * separated by commas.
   */
  public String hostPatterns() {
    List<String> regions = members.regions();
    return regions.stream()
        .map(region -> names.instance(regions, region, "?") + ":" + port())
        .collect(Collectors.joining(","));
  }

  /**
   * Opens a connection to an instance past its proxy and past all names, to look at it or to write
   * there whatever the network does. The caller closes it.
   */
  public Connection connect(String instance) throws SQLException {
    return members.instance(instance).connect();
  }

  /**
   * Returns the proxy through which clients reach that instance, for faults at chosen messages.
   * Those strike at connections without TLS only. Its {@code pass}, {@code hang} and {@code refuse}
   * are left to the emulator.
   */
  public FaultProxy proxy(String instance) {
    return members.instance(instance).clients();
  }

  /**
   * Ends the servers of a target as a crash does, all processes at once. A reader is not waited for
   * from before that on. Nobody is promoted.
   */
  public void kill(String target) {
    change(() -> members.named(target).forEach(this::kill));
  }

  /** Kills every instance of every region. */
  public void killAll() {
    change(() -> members.inOrder(members.all()).forEach(this::kill));
  }

  private void kill(AuroraInstance instance) {
    if (instance.state != AuroraInstance.State.DOWN) {
      replication.leave(instance);
      instance.kill();
      members.apply();
    }
  }

  /**
   * Starts what does not run of a target, and returns when readers receive again, where they can.
   * An instance that missed a promotion in its own region becomes a reader with the writer's data;
   * one of a region that a failover left behind comes back as it was, a stale writer with its
   * readers, until it is told to {@link #rejoin}.
   */
  public void start(String target) {
    change(() -> members.named(target).forEach(this::start));
  }

  /** Starts every instance that does not run, writers first. */
  public void startAll() {
    change(() -> members.inOrder(members.all()).forEach(this::start));
  }

  private void start(AuroraInstance instance) {
    if (instance.state != AuroraInstance.State.DOWN) {
      return;
    }
    if (replication.needsToSettle(instance)) {
      replication.rebuild(instance);
      return;
    }
    instance.waitFor(List.of());
    instance.start();
    members.apply();
    replication.join(instance);
    members.followers(instance).forEach(replication::join);
  }

  /** Shuts the servers of a target down in order and starts them again. */
  public void restart(String target) {
    change(
        () -> {
          for (AuroraInstance instance : members.named(target)) {
            replication.leave(instance);
            replication.letGoOfTheSilent(instance);
            instance.stop();
            members.apply();
            start(instance);
          }
        });
  }

  /** Stops every process of a target where it is: connections stay open and answer nothing. */
  public void hang(String target) {
    change(
        () ->
            running(target)
                .forEach(
                    instance -> {
                      replication.leave(instance);
                      instance.hang();
                    }));
  }

  /**
   * Lets a hung target go on. A writer that was succeeded meanwhile in its own region is ended
   * instead, as Aurora's storage would refuse it, and becomes a reader.
   */
  public void resume(String target) {
    change(
        () ->
            members.named(target).stream()
                .filter(instance -> instance.state == AuroraInstance.State.HUNG)
                .forEach(this::resume));
  }

  private void resume(AuroraInstance instance) {
    if (replication.needsToSettle(instance) && instance.upstream == null) {
      replication.rebuild(instance);
      return;
    }
    instance.resume();
    replication.settle(instance);
    replication.join(instance);
    replication.updateSync(instance);
  }

  /**
   * Drops every packet between a target and the rest of the world: clients, other instances and
   * other regions. Connections stay open; what was sent arrives after {@link #heal}, if both ends
   * still wait for it. New connections are taken by the system, and answer nothing.
   */
  public void partition(String target) {
    change(
        () -> {
          List<AuroraInstance> cutOff = members.named(target);
          members.partition(cutOff);
          cutOff.forEach(AuroraInstance::silent);
          cutOff.stream().filter(reader -> reader.upstream != null).forEach(this::stopWaitingFor);
          members.apply();
        });
  }

  private void stopWaitingFor(AuroraInstance reader) {
    AuroraInstance writer = reader.upstream;
    if (writer != null && members.isCutFrom(reader, writer)) {
      replication.updateSync(writer);
    }
  }

  /**
   * Lets packets of a target through again. A writer that was succeeded meanwhile in its own region
   * is ended before that, and becomes a reader.
   */
  public void heal(String target) {
    change(
        () -> {
          List<AuroraInstance> healed = members.named(target);
          members.heal(healed);
          healed.forEach(
              instance -> {
                if (instance.isUp() && !instance.detached) {
                  instance.silentSince = null;
                }
                replication.settle(instance);
              });
          members.apply();
          members.all().forEach(replication::join);
        });
  }

  /**
   * Makes a reader of the writer's region the writer, as Aurora does within a region: with all that
   * was acknowledged. The old writer is killed, unless it is down, hung or cut off; it becomes a
   * reader when it is started, resumed or healed. Other readers follow the new writer; topology and
   * names say so.
   *
   * @throws IllegalStateException if the reader lacks what was acknowledged while it was away:
   *     start it while the writer runs
   */
  public void promote(String reader) {
    change(
        () -> {
          AuroraInstance chosen = members.instance(reader);
          AuroraInstance before = members.writer();
          requireSuccessor(chosen, before);
          if (before.isUp() && !members.isPartitioned(before)) {
            kill(before);
          }
          before.silent();
          replication.promote(chosen);
        });
  }

  private static void requireSuccessor(AuroraInstance reader, AuroraInstance writer) {
    if (!reader.region().equals(writer.region())) {
      throw new IllegalArgumentException(
          "%s is not in the writer's region %s: use failover(\"%s\") or switchover"
              .formatted(reader, writer.region(), reader.region()));
    }
    if (!reader.isUp() || !writer.waitsFor.contains(reader.id())) {
      throw new IllegalStateException(
          "%s can't succeed %s: it lacks what was acknowledged while it was away"
              .formatted(reader, writer));
    }
  }

  /**
   * Makes the most advanced instance of another region the writer, as an unplanned failover of a
   * Global Database does: <em>what has not arrived there is lost</em>. The old region is left as it
   * is, and left behind: if it runs, its writer goes on writing, and its instances say what they
   * said before, until they are told to {@link #rejoin}.
   */
  public void failover(String region) {
    change(
        () -> {
          String before = requireOther(region);
          AuroraInstance chosen = replication.mostAdvanced(region);
          for (AuroraInstance left : members.region(before)) {
            left.detached = true;
            left.silentSince = left.silentSince == null ? Instant.now() : left.silentSince;
          }
          replication.promote(chosen);
        });
  }

  private String requireOther(String region) {
    members.region(region);
    String current = members.writer().region();
    if (current.equals(region)) {
      throw new IllegalArgumentException("the writer is in " + region + " already");
    }
    return current;
  }

  /**
   * Makes an instance of another region the writer, as a planned switchover does: the old writer
   * ends its sessions, the other region receives all, nothing is lost; the old writer comes back as
   * a reader.
   *
   * @throws IllegalStateException if the writer does not run, or the other region is paused or cut
   *     off
   */
  public void switchover(String region) {
    change(
        () -> {
          requireOther(region);
          AuroraInstance before = members.writer();
          requireReplication(region, before);
          replication.leave(before);
          replication.letGoOfTheSilent(before);
          before.stop();
          members.apply();
          AuroraInstance chosen = replication.mostAdvanced(region);
          replication.promote(chosen, before);
        });
  }

  private void requireReplication(String region, AuroraInstance writer) {
    boolean follows =
        members.region(region).stream()
            .anyMatch(
                reader ->
                    reader.isUp()
                        && reader.upstream == writer
                        && reader.feedPassage() == AuroraInstance.Passage.OPEN);
    if (!writer.isUp() || !follows) {
      throw new IllegalStateException(
          "%s does not follow %s: start, heal or resume both first".formatted(region, writer));
    }
  }

  /**
   * Throws away the data of a target and makes it a reader of the writer, with the writer's data.
   */
  public void rejoin(String target) {
    change(
        () ->
            members.named(target).stream()
                .filter(instance -> instance != members.writer())
                .forEach(replication::rebuild));
  }

  /**
   * Lets a region without the writer receive nothing, so that a {@link #failover} loses what is
   * committed from now on. Returns when nothing arrives any more.
   */
  public void pauseReplication(String region) {
    change(
        () -> {
          requireOther(region);
          members.pause(region);
          members.region(region).forEach(AuroraInstance::stopReceiving);
          members.apply();
        });
  }

  /** Lets a region receive again, and returns when it does; it catches up by itself. */
  public void resumeReplication(String region) {
    change(
        () -> {
          members.unpause(region);
          members.apply();
          members.region(region).forEach(replication::join);
        });
  }

  /**
   * Returns when every instance that is connected has flushed what the writer has written so far.
   */
  public void awaitReplication() {
    locked(
        () -> {
          replication.awaitAll();
          return true;
        });
  }

  /** Lets every instance say what it says now, whatever becomes of the cluster. */
  public void freezeTopology() {
    change(() -> publication.freezeTopology(true));
  }

  /** Lets every instance leave these out when it says who belongs to the cluster. */
  public void hideFromTopology(String... instances) {
    change(
        () -> {
          Set<String> hidden = Set.of(instances);
          hidden.forEach(members::instance);
          publication.hide(hidden);
        });
  }

  /** Ends {@link #freezeTopology()} and {@link #hideFromTopology}. */
  public void truthfulTopology() {
    change(
        () -> {
          publication.freezeTopology(false);
          publication.hide(Set.of());
        });
  }

  /** Lets every name lead where it leads now, whatever becomes of the cluster. */
  public void freezeDns() {
    change(() -> publication.freezeNames(true));
  }

  /** Lets a name lead to that instance, also while names are frozen. Seen within a second. */
  public void flipDns(String host, String instance) {
    change(
        () -> {
          publication.override(host, members.instance(instance));
          publication.publishNames();
        });
  }

  /** Ends {@link #freezeDns()} and {@link #flipDns}. Seen within a second. */
  public void truthfulDns() {
    change(
        () -> {
          publication.freezeNames(false);
          publication.dropOverrides();
        });
  }

  private List<AuroraInstance> running(String target) {
    return members.named(target).stream().filter(AuroraInstance::isUp).toList();
  }

  /** Does something, and lets the world know. */
  private void change(Runnable action) {
    locked(
        () -> {
          if (closed) {
            throw new IllegalStateException("the emulator is closed");
          }
          action.run();
          members.apply();
          publication.publish();
          return true;
        });
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Kills all servers, deletes their data, and takes the names back. */
  @Override
  public void close() {
    locked(
        () -> {
          if (!closed) {
            closed = true;
            end();
          }
          return true;
        });
  }

  /** Servers end whatever becomes of the proxies. */
  private void end() {
    try {
      members.all().forEach(AuroraInstance::close);
    } finally {
      directory.close();
      publication.withdraw();
      CloseAtExit.remove(this);
    }
  }

  @Override
  public String toString() {
    return "AuroraEmulator[" + names.cluster() + ", " + members.all() + ", port " + port() + "]";
  }

  /** The shape of a cluster to be started. Not thread-safe. */
  public static final class Builder {

    private final boolean global;
    private final Map<String, Integer> regions = new LinkedHashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private String name = "app";

    private Builder(boolean global) {
      this.global = global;
    }

    /** Adds a region with so many instances, 1 to 9. The first one has the writer. */
    public Builder region(String region, int instances) {
      if (instances < 1 || instances > AuroraLauncher.MOST_INSTANCES) {
        throw new IllegalArgumentException("instances=" + instances + " is not between 1 and 9");
      }
      if (!region.matches("[a-z]{2}-[a-z]+-[0-9]")) {
        throw new IllegalArgumentException(region + " is no region such as us-east-1");
      }
      if (!global && !regions.isEmpty()) {
        throw new IllegalStateException("more than one region needs AuroraEmulator.global()");
      }
      regions.put(region, instances);
      return this;
    }

    /**
     * Calls the cluster so in its names, and the domain of its instances likewise. Default: {@code
     * app}, and {@code xyz} as the domain. Emulators of one JVM need names of their own.
     */
    public Builder name(String name) {
      if (!name.matches("[a-z][a-z0-9]*")) {
        throw new IllegalArgumentException(name + " is no name of letters and digits");
      }
      this.name = name;
      return this;
    }

    /** Sets a parameter of every server, such as {@code fsync} to {@code off}. */
    public Builder setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /**
     * Starts the cluster, and returns when every reader receives from the writer.
     *
     * @throws TestkitException if the JVM's command line lacks what the emulator needs, or a server
     *     can't be started; the message says what to do
     */
    public AuroraEmulator start() {
      if (regions.size() < (global ? 2 : 1)) {
        throw new IllegalStateException("a Global Database has two regions or more");
      }
      HostsFile.require();
      AuroraNames names = AuroraNames.of(name);
      AuroraLauncher launcher = new AuroraLauncher(names, regions, settings);
      List<AuroraInstance> instances = launcher.start();
      AuroraEmulator emulator = new AuroraEmulator(launcher, names, global, instances);
      try {
        emulator.open();
        return emulator;
      } catch (RuntimeException e) {
        emulator.close();
        throw e;
      }
    }
  }
}
