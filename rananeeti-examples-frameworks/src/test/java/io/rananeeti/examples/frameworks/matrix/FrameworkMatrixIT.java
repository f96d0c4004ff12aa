package io.rananeeti.examples.frameworks.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.rananeeti.Availability;
import io.rananeeti.DataPlatform;
import io.rananeeti.RananeetiDriver;
import io.rananeeti.aurora.AuroraStore;
import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultPoint;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Six frameworks, in their ordinary way, through one outage of one server: over the platform's
 * DataSource, over the platform's URL under HikariCP, and unchanged over HikariCP and the plain
 * driver.
 *
 * <p>Over each of them, what was acknowledged is there once. Over the platform, in addition, what
 * must succeed succeeds, what is refused is refused with the documented SQLSTATE, and what was
 * refused is not there.
 */
@SuppressWarnings("NullAway") // all is opened before each test
class FrameworkMatrixIT {

  private static final Duration STALL = Duration.ofMinutes(3);
  private static final int IDS = 80;

  /** So many rounds of writing in an outage at most, for which ids are leased. */
  private static final int ROUNDS = 30;

  private static final Duration OUTAGE = Duration.ofSeconds(10);

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Actor> actors = new ArrayList<>();
  private final List<Door> doors = new ArrayList<>();
  private PostgresServer server;
  private FaultProxy proxy;
  private ScheduledExecutorService threads;
  @TempDir private Path directory;

  @BeforeEach
  void setUp() throws Exception {
    server = keep(PostgresServer.builder().start());
    proxy = keep(FaultProxy.inFrontOf(server));
    Cast cast = new Cast();
    Door dropIn = open("dropin", this::dropIn);
    Door byUrl = open("byurl", this::byUrl);
    Door plain = open("plain", this::plain);
    keep(cast);
    for (Door door : List.of(dropIn, plain)) {
      actors.add(cast.jdbc(door));
      actors.add(cast.template(door));
      actors.add(cast.jpa(door, Cast.JPA_BATCHES, 25));
      actors.add(cast.jpa(door, Cast.JPA, 0));
      actors.add(cast.jooq(door));
      actors.add(cast.myBatis(door));
      actors.add(cast.jdbi(door));
    }
    actors.add(cast.jdbc(byUrl));
    actors.add(cast.jpa(byUrl, Cast.JPA_BATCHES, 25));
    for (Actor actor : actors) {
      for (String counter : Cast.COUNTERS) {
        tables(actor).addCounter(actor.tables().get(0), actor.who() + "-" + counter);
      }
    }
    threads = Executors.newScheduledThreadPool(actors.size());
    open.add(threads::shutdownNow);
  }

  @AfterEach
  void tearDown() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void whatEveryFrameworkWasToldIsTrue() throws Exception {
    all(actor -> actor.deeds().forEach(deed -> actor.does(deed, Phase.HEALTHY)));
    all(FrameworkMatrixIT::usesIds);
    killedInTheTransaction();
    killedAtCommit();
    killedBetweenTransactions();
    down();
    all(actor -> actor.deeds().forEach(deed -> actor.does(deed, Phase.BACK)));

    String demanded = report();
    assertThat(actors).flatExtracting(Actor::complaints).isEmpty();
    for (Actor actor : actors) {
      assertThat(Audit.of(actor, tables(actor))).isEmpty();
    }
    assertThat(Files.readString(Path.of("..", "docs", "frameworks.md")))
        .as("copied from target/frameworks-matrix.md")
        .contains("<!-- table: begin -->\n" + demanded + "<!-- table: end -->");
  }

  /** Ids are leased for an outage by how many were used before it. */
  private static void usesIds(Actor actor) {
    for (int i = 0; i < IDS; i++) {
      actor.deeds().stream()
          .filter(deed -> deed.inserts() == 1 && deed.counter() == null)
          .filter(deed -> !deed.name().equals(Cast.AFTER_READING))
          .forEach(deed -> actor.does(deed, Phase.HEALTHY));
    }
  }

  private void killedInTheTransaction() throws Exception {
    for (String name : List.of(Cast.IN_TRANSACTION, Cast.AFTER_READING)) {
      awaitHealthy();
      CountDownLatch inside = new CountDownLatch(actors.size());
      CountDownLatch killed = new CountDownLatch(1);
      Runnable between =
          () -> {
            inside.countDown();
            awaitUninterrupted(killed);
          };
      List<Future<?>> all =
          begin(
              actor -> {
                Deed deed = deed(actor, name);
                actor.does(deed, Phase.IN_TRANSACTION, actor.notes(deed.inserts()), between);
                inside.countDown(); // also of one that was refused before it came to the middle
              });
      assertThat(inside.await(STALL.toSeconds(), TimeUnit.SECONDS)).as("all began").isTrue();
      server.kill();
      killed.countDown();
      server.start();
      finish(all);
    }
  }

  private void killedAtCommit() throws Exception {
    for (Function<FaultPoint, Fault> how :
        List.<Function<FaultPoint, Fault>>of(FaultPoint::loseReply, FaultPoint::cutBefore)) {
      for (String name : List.of(Cast.IN_TRANSACTION, Cast.AFTER_READING)) {
        awaitHealthy();
        all(
            actor -> {
              List<String> notes = actor.notes(deed(actor, name).inserts());
              Message first = Message.carrying(notes.get(0));
              Fault fault = how.apply(proxy.on(Message.commit()).since(first));
              actor.does(deed(actor, name), Phase.AT_COMMIT, notes, () -> {});
              // A pool of the plain driver may have failed before, over another dead connection.
              int least = actor.door().isOurs() ? 1 : 0;
              assertThat(fault.triggered()).as(actor.who() + " met " + fault).isBetween(least, 1);
            });
      }
    }
    awaitHealthy();
    Fault held = proxy.on(Message.commit()).hang(STALL);
    List<Future<?>> all =
        begin(actor -> actor.does(deed(actor, Cast.IN_TRANSACTION), Phase.AT_COMMIT));
    held.awaitTriggered(STALL);
    server.kill();
    held.release();
    server.start();
    finish(all);
  }

  private void killedBetweenTransactions() throws Exception {
    awaitHealthy();
    server.kill();
    server.start();
    all(actor -> actor.deeds().forEach(deed -> actor.does(deed, Phase.BETWEEN)));
  }

  /**
   * Everybody does everything while the server is down, and goes on with writing until it is back.
   */
  private void down() throws Exception {
    awaitHealthy();
    List<Long> accepted = doors.stream().map(Door::accepted).toList();
    long end = System.nanoTime() + OUTAGE.toNanos();
    server.kill();
    for (Door door : doors) {
      await(door.title() + " is down", () -> !door.isOurs() || door.is(Availability.DOWN));
    }
    all(actor -> actor.deeds().forEach(deed -> actor.does(deed, Phase.DOWN)));
    List<ScheduledFuture<?>> rounds =
        actors.stream().<ScheduledFuture<?>>map(this::rounds).toList();
    threads.schedule(server::start, end - System.nanoTime(), TimeUnit.NANOSECONDS).get();
    for (int i = 0; i < doors.size(); i++) {
      Door door = doors.get(i);
      await(door.title() + " is back", () -> door.is(Availability.UP));
      assertThat(door.isOurs()).isEqualTo(door.accepted() > accepted.get(i));
    }
    stop(rounds);
  }

  private ScheduledFuture<?> rounds(Actor actor) {
    AtomicInteger left = new AtomicInteger(ROUNDS);
    Runnable round =
        () -> {
          if (left.getAndDecrement() > 0) {
            round(actor);
          }
        };
    return threads.scheduleAtFixedRate(round, 0, 500, TimeUnit.MILLISECONDS);
  }

  private static void round(Actor actor) {
    actor.deeds().stream()
        .filter(deed -> deed.demanded().getOrDefault(Phase.DOWN, Set.of()).contains(Deed.OK))
        .forEach(deed -> actor.does(deed, Phase.DOWN));
  }

  /** Ends them when each has had its turn; a round that failed is a failure. */
  private void stop(List<ScheduledFuture<?>> rounds) throws Exception {
    for (ScheduledFuture<?> round : rounds) {
      assertThat(round.isDone()).as("a round has failed").isFalse();
      round.cancel(false);
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
    threads = Executors.newScheduledThreadPool(actors.size());
    for (Door door : doors) {
      if (door.platform() != null) {
        assertThat(door.platform().drain(STALL)).isTrue();
        assertThat(door.platform().deadLetters().list()).isEmpty();
      }
    }
  }

  /** The platform is up, and every pool has found that its old connections are dead. */
  private void awaitHealthy() throws Exception {
    for (Door door : doors) {
      await(door.title() + " is up", () -> door.is(Availability.UP));
    }
    all(actor -> await(actor.who() + " works", () -> works(deed(actor, Cast.QUERY))));
  }

  private static boolean works(Deed query) {
    try {
      query.action().run(List.of(), () -> {});
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private String report() throws Exception {
    List<Actor> ours = actors.stream().filter(actor -> actor.door().isOurs()).toList();
    List<Actor> others = actors.stream().filter(actor -> !actor.door().isOurs()).toList();
    String demanded = Report.demanded(ours);
    String text =
        "Over the platform:\n\n%s\n%s\nOver HikariCP and the plain driver:\n\n%s"
            .formatted(Report.seen(ours), Report.thrown(ours), Report.seen(others));
    System.out.println(text);
    Files.writeString(Path.of("target", "frameworks-seen.md"), text);
    Files.writeString(Path.of("target", "frameworks-matrix.md"), demanded);
    return demanded;
  }

  private static Deed deed(Actor actor, String name) {
    return actor.deeds().stream()
        .filter(deed -> deed.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void all(Consumer<Actor> part) throws Exception {
    finish(begin(part));
  }

  private List<Future<?>> begin(Consumer<Actor> part) {
    return actors.stream()
        .<Future<?>>map(actor -> threads.submit(() -> part.accept(actor)))
        .toList();
  }

  private static void finish(List<Future<?>> all) throws Exception {
    for (Future<?> one : all) {
      one.get(STALL.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private Door open(String database, Callable<Door> how) throws Exception {
    server.execute("CREATE DATABASE " + database);
    new Tables(server, database).create();
    Door door = how.call();
    doors.add(door);
    await(database + " is up", () -> door.is(Availability.UP));
    return door;
  }

  private Door dropIn() {
    DataPlatform platform =
        keep(
            DataPlatform.builder("matrix")
                .store(
                    AuroraStore.builder("shop")
                        .url(proxy.url("dropin"))
                        .user(server.user())
                        .password(server.password())
                        .build())
                .log(directory.resolve("dropin"))
                .open());
    return new Door("dropin", platform.dataSource("shop"), platform);
  }

  private Door byUrl() throws Exception {
    String log = URLEncoder.encode(directory.resolve("byurl").toString(), StandardCharsets.UTF_8);
    open.add(RananeetiDriver::shutdown);
    HikariDataSource pool =
        pool(proxy.url("byurl").replace("jdbc:", "jdbc:rananeeti:") + "?rananeeti.log=" + log);
    try (Connection connection = pool.getConnection()) {
      return new Door("byurl", pool, connection.unwrap(DataPlatform.class));
    }
  }

  private Door plain() {
    return new Door("plain", pool(proxy.url("plain")), null);
  }

  private HikariDataSource pool(String url) {
    // tag::hikari
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url); // jdbc:rananeeti:postgresql://...
    config.setUsername(server.user());
    config.setPassword(server.password());
    config.setConnectionTimeout(500);
    config.setValidationTimeout(400);
    // end::hikari
    return keep(new HikariDataSource(config));
  }

  private Tables tables(Actor actor) {
    return new Tables(server, actor.door().title());
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.add(Objects.requireNonNull(resource));
    return resource;
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + STALL.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      assertThat(latch.await(STALL.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
