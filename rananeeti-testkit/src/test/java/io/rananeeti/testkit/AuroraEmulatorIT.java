package io.rananeeti.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("emulator")
class AuroraEmulatorIT {

  @Test
  void goesThroughAll() throws SQLException {
    long t = System.nanoTime();
    try (AuroraEmulator aurora =
        AuroraEmulator.global().region("us-east-1", 2).region("eu-west-1", 1).start()) {
      t = tell("start", t);
      try (Connection c =
              DriverManager.getConnection(
                  aurora.url(aurora.globalEndpoint()), aurora.user(), aurora.password());
          Statement s = c.createStatement()) {
        s.execute("create table t (i int primary key)");
        s.execute("insert into t values (1)");
        for (String f :
            new String[] {
              "aurora_replica_status", "aurora_global_db_status", "aurora_global_db_instance_status"
            }) {
          try (ResultSet r = s.executeQuery("select * from " + f + "()")) {
            print(r);
          }
        }
      }
      try (Connection c = aurora.connect("eu1");
          Statement s = c.createStatement()) {
        for (String f :
            new String[] {
              "aurora_replica_status", "aurora_global_db_status", "aurora_global_db_instance_status"
            }) {
          try (ResultSet r = s.executeQuery("select * from " + f + "()")) {
            print(r);
          }
        }
      }
      t = tell("sql", t);
      aurora.kill("us1");
      t = tell("kill", t);
      aurora.promote("us2");
      t = tell("promote", t);
      aurora.start("us1");
      t = tell("start us1", t);
      aurora.switchover("eu-west-1");
      t = tell("switchover", t);
      aurora.switchover("us-east-1");
      t = tell("switchover back", t);
      aurora.pauseReplication("eu-west-1");
      t = tell("pause", t);
      try (Connection c =
              DriverManager.getConnection(
                  aurora.url(aurora.host(aurora.writer())), aurora.user(), aurora.password());
          Statement s = c.createStatement()) {
        s.execute("insert into t values (2)");
        try (ResultSet r = s.executeQuery("select * from aurora_global_db_status()")) {
          print(r);
        }
      }
      t = tell("insert", t);
      aurora.kill("us-east-1");
      t = tell("kill region", t);
      aurora.failover("eu-west-1");
      t = tell("failover", t);
      try (Connection c =
              DriverManager.getConnection(
                  aurora.url(aurora.host(aurora.writer())), aurora.user(), aurora.password());
          Statement s = c.createStatement();
          ResultSet r = s.executeQuery("select * from t")) {
        print(r);
      }
      aurora.rejoin("us-east-1");
      t = tell("rejoin", t);
      aurora.killAll();
      t = tell("killall", t);
      aurora.startAll();
      t = tell("startall", t);
    }
    tell("close", t);
  }

  private static long tell(String what, long since) {
    long now = System.nanoTime();
    System.out.println("TIME " + what + " " + (now - since) / 1_000_000);
    return now;
  }

  private static void print(ResultSet r) throws SQLException {
    while (r.next()) {
      StringBuilder b = new StringBuilder("ROW");
      for (int i = 1; i <= r.getMetaData().getColumnCount(); i++) {
        b.append(' ').append(r.getMetaData().getColumnName(i)).append('=').append(r.getString(i));
      }
      System.out.println(b);
    }
  }
}
