package io.rananeeti.benchmarks.jdbc;

import io.rananeeti.benchmarks.Directories;
import io.rananeeti.benchmarks.Interleaving;
import io.rananeeti.benchmarks.Quartiles;
import io.rananeeti.benchmarks.jdbc.Contender.Subject;
import io.rananeeti.testkit.PostgresServer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the platform costs while the database is well, beside the plain driver and the AWS wrapper:
 * all in one process on one server, in turns ({@link Interleaving}).
 */
final class Healthy {

  /** Far from those that callers take. */
  private static final long COUNTED_IDS = 1L << 60;

  /**
   * With its pool of contexts the AWS wrapper's monitoring ends healthy connections to a server
   * that comes after another one in the same process, and the run with them.
   */
  private static final String WRAPPER_CONTEXT_POOL = "efm.contextPool.enabled";

  private final Plan plan;
  private final PrintStream out;
  private final Interleaving interleaving;
  private boolean warm;

  private Healthy(Plan plan, PrintStream out) {
    this.plan = plan;
    this.out = out;
    this.interleaving = new Interleaving(plan.rounds(), plan.seed());
  }

  /** Runs what the arguments say, see {@link Plan}, and prints it. */
  public static void main(String[] arguments) throws Exception {
    run(Plan.of(arguments), System.out);
  }

  /** Returns the number of cells that were measured. */
  static int run(Plan plan, PrintStream out) throws Exception {
    System.setProperty(WRAPPER_CONTEXT_POOL, "false");
    out.println(plan);
    int cells = 0;
    for (Commits commits : plan.commits()) {
      cells += new Healthy(plan, out).measure(commits);
    }
    return cells;
  }

  private int measure(Commits commits) throws Exception {
    Path directory = Directories.make(plan.directory());
    PostgresServer.Builder builder =
        PostgresServer.builder().directory(directory.resolve("server"));
    commits.settings().forEach(builder::setting);
    int cells = 0;
    try (PostgresServer server = builder.start();
        Load load = new Load(plan.threads())) {
      server.execute(Work.schema().toArray(String[]::new));
      for (Duration network : plan.networks()) {
        cells += measure(commits, network, server, load, Directories.make(directory));
      }
    } finally {
      Directories.delete(directory);
    }
    return cells;
  }

  private int measure(
      Commits commits, Duration network, PostgresServer server, Load load, Path directory)
      throws Exception {
    try (Site site = new Site(server, network)) {
      if (!network.isZero()) {
        tell(site.calibrate());
      }
      site.open(plan.contenders(), directory);
      warmUp(site, server, load);
      for (Work work : plan.works()) {
        measure(new Cell(commits, network, work), site, server, load);
      }
    }
    return plan.works().size();
  }

  private void warmUp(Site site, PostgresServer server, Load load) throws Exception {
    for (Work work : warm ? List.<Work>of() : plan.works()) {
      emptyTables(server);
      for (Map.Entry<Contender, Subject> each : site.subjects().entrySet()) {
        load.run(each.getValue(), each.getKey().table(), work, plan.warmUp());
      }
    }
    warm = true;
  }

  private void tell(List<Quartiles> taken) {
    out.printf(
        "%na round trip takes %.3f ms direct, and %.3f ms (%.3f-%.3f) through the network%n",
        taken.get(0).median(), taken.get(1).median(), taken.get(1).lower(), taken.get(1).upper());
  }

  private void measure(Cell cell, Site site, PostgresServer server, Load load) throws Exception {
    emptyTables(server);
    Map<Contender, Scores> all = new EnumMap<>(Contender.class);
    plan.contenders().forEach(contender -> all.put(contender, new Scores()));
    interleaving.run(
        all.entrySet(),
        (each, counts) -> {
          Contender contender = each.getKey();
          Subject subject = Objects.requireNonNull(site.subjects().get(contender));
          Load.Result result = load.run(subject, contender.table(), cell.work(), plan.turn());
          if (counts) {
            each.getValue().add(result);
          }
        });
    if (cell.throughNetwork()) {
      for (Map.Entry<Contender, Scores> each : all.entrySet()) {
        each.getValue().roundTrips(roundTrips(each.getKey(), cell.work(), site));
      }
    }
    new Report(cell, all).print(out);
  }

  private double roundTrips(Contender contender, Work work, Site site) throws SQLException {
    return site.roundTrips(contender, work, plan.counted(), COUNTED_IDS);
  }

  private void emptyTables(PostgresServer server) throws SQLException {
    for (Contender contender : plan.contenders()) {
      server.execute(Work.emptyTable(contender.table()).toArray(String[]::new));
    }
  }
}
