package io.rananeeti.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/**
 * A program that starts a cluster, prints the data directory of its writer, and waits to be killed.
 */
final class EmulatorInAnotherJvm {

  private EmulatorInAnotherJvm() {}

  public static void main(String[] arguments) throws SQLException, InterruptedException {
    AuroraEmulator aurora = AuroraEmulator.cluster("us-east-1", 1).start();
    try (Connection connection = aurora.connect("us1");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("show data_directory")) {
      row.next();
      System.out.println("data directory: " + row.getString(1));
    }
    new CountDownLatch(1).await();
  }
}
