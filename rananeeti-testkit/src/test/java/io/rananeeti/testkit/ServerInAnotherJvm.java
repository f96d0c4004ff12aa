package io.rananeeti.testkit;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A program that starts a server, prints its port, and waits to be killed. */
final class ServerInAnotherJvm {

  private ServerInAnotherJvm() {}

  public static void main(String[] arguments) throws InterruptedException {
    PostgresServer server = PostgresServer.builder().directory(Path.of(arguments[0])).start();
    System.out.print(server.port());
    System.out.flush();
    new CountDownLatch(1).await();
  }
}
