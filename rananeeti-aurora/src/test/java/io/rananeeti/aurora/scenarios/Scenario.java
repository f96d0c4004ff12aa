package io.rananeeti.aurora.scenarios;

import io.rananeeti.testkit.AuroraEmulator;
import java.util.Locale;

/**
 * What befalls a Global Database of two regions while applications write to it. Each begins with
 * the writer in the region that has a reader, and ends with a writer that can be reached.
 */
enum Scenario {
  WRITER_KILLED {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String reader = cluster.reader();
      aurora.kill(aurora.writer());
      moments.pass(200, 1_500);
      aurora.promote(reader);
    }
  },
  /** The lost region may come back as it was, a stale writer, before it is thrown away. */
  REGION_KILLED {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String lost = cluster.region();
      aurora.kill(lost);
      moments.pass(200, 1_500);
      aurora.failover(cluster.otherRegion());
      if (moments.oneWay()) {
        moments.pass(0, 500);
        aurora.start(lost);
        moments.pass(500, 1_500);
        aurora.rejoin(lost);
      }
    }
  },
  /** The other region lacks the last second when it is promoted. */
  REGION_KILLED_WITH_A_TAIL {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String other = cluster.otherRegion();
      aurora.pauseReplication(other);
      moments.pass(1_000, 1_000);
      aurora.kill(cluster.region());
      moments.pass(200, 1_500);
      aurora.failover(other);
    }
  },
  PLANNED_SWITCHOVER_AND_BACK {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String home = cluster.region();
      aurora.switchover(cluster.otherRegion());
      moments.pass(200, 1_000);
      aurora.switchover(home);
    }
  },
  WRITER_HUNG {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String writer = aurora.writer();
      String reader = cluster.reader();
      aurora.hang(writer);
      moments.pass(1_000, 3_000);
      if (moments.oneWay()) {
        aurora.promote(reader);
        moments.pass(0, 300);
      }
      aurora.resume(writer);
    }
  },
  PACKETS_DROPPED {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String writer = aurora.writer();
      String reader = cluster.reader();
      aurora.partition(writer);
      moments.pass(1_000, 3_000);
      if (moments.oneWay()) {
        aurora.promote(reader);
        moments.pass(0, 300);
      }
      aurora.heal(writer);
    }
  },
  EVERYTHING_DOWN {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      aurora.killAll();
      moments.pass(5_000, 5_000);
      aurora.startAll();
    }
  },
  EVERYTHING_DOWN_FOR_HALF_A_MINUTE {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      aurora.killAll();
      moments.pass(30_000, 30_000);
      aurora.startAll();
    }
  },
  SAME_WRITER_RESTARTED {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      if (moments.oneWay()) {
        aurora.restart(aurora.writer());
      } else {
        String writer = aurora.writer();
        aurora.kill(writer);
        aurora.start(writer);
      }
    }
  },
  /**
   * The names lead to another database with the same data, whose instance no topology has named
   * before; the old one is gone.
   */
  BLUE_GREEN {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String blue = aurora.writer();
      String green = cluster.reader();
      aurora.hideFromTopology(green);
      moments.pass(100, 300);
      aurora.freezeDns();
      aurora.kill(blue);
      aurora.promote(green);
      aurora.hideFromTopology(blue);
      moments.pass(0, 1_000);
      aurora.truthfulDns();
      moments.pass(0, 500);
      aurora.truthfulTopology();
    }
  },
  STALE_TOPOLOGY {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String old = aurora.writer();
      String reader = cluster.reader();
      aurora.freezeTopology();
      aurora.kill(old);
      moments.pass(0, 1_000);
      aurora.promote(reader);
      if (moments.oneWay()) {
        aurora.start(old);
      }
      moments.pass(5_000, 5_000);
      aurora.truthfulTopology();
    }
  },
  STALE_DNS {
    @Override
    void play(Cluster cluster, Moments moments) {
      AuroraEmulator aurora = cluster.aurora();
      String old = aurora.writer();
      String reader = cluster.reader();
      aurora.freezeDns();
      aurora.kill(old);
      moments.pass(0, 1_000);
      aurora.promote(reader);
      if (moments.oneWay()) {
        aurora.start(old);
      }
      moments.pass(1_000, 4_000);
      aurora.truthfulDns();
    }
  },
  /** Over before the next look at the writer. */
  FAILOVER_THAT_NO_PROBE_SAW {
    @Override
    void play(Cluster cluster, Moments moments) {
      cluster.aurora().promote(cluster.reader());
    }
  };

  /** Lets it happen; the moments are drawn. */
  abstract void play(Cluster cluster, Moments moments);

  /** In words. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
