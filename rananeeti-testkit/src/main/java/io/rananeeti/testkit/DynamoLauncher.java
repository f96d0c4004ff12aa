package io.rananeeti.testkit;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * The main program of the JVM in which DynamoDB Local runs: on 127.0.0.1 only, where it would
 * listen everywhere by itself, and no longer than the process that started it, whose end closes the
 * standard input. It is found by name on the class path, never compiled against.
 */
final class DynamoLauncher {

  private static final String RUNNER = "software.amazon.dynamodb.services.local.main.ServerRunner";
  private static final String JETTY = "org.eclipse.jetty.server.Server";

  private DynamoLauncher() {}

  /** Takes the arguments of DynamoDB Local. */
  public static void main(String[] arguments) throws Exception {
    Object server =
        Class.forName(RUNNER)
            .getMethod("createServerFromCommandLineArgs", String[].class)
            .invoke(null, (Object) arguments);
    bindToLoopback(server);
    EndWithParent.watch();
    server.getClass().getMethod("start").invoke(server);
  }

  private static void bindToLoopback(Object server) throws ReflectiveOperationException {
    Field field =
        Arrays.stream(server.getClass().getDeclaredFields())
            .filter(each -> each.getType().getName().equals(JETTY))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no field of type " + JETTY));
    field.setAccessible(true);
    Object jetty = field.get(server);
    Object connectors = jetty.getClass().getMethod("getConnectors").invoke(jetty);
    for (int i = 0; i < Array.getLength(connectors); i++) {
      Object connector = Array.get(connectors, i);
      Method setHost = connector.getClass().getMethod("setHost", String.class);
      setHost.invoke(connector, LoopbackPort.address().getHostAddress());
    }
  }
}
