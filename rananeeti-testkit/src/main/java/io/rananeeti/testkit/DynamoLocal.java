package io.rananeeti.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DynamoDB Local.
 *
 * @param inMemory whether the data are lost when it ends
 */
record DynamoLocal(boolean inMemory) implements LocalServer.Program {

  @Override
  public String name() {
    return "DynamoDB Local";
  }

  @Override
  public String prefix() {
    return "dynamodb";
  }

  @Override
  public String property() {
    return "rananeeti.test.dynamodb-local";
  }

  @Override
  public String jar() {
    return "DynamoDBLocal-";
  }

  @Override
  public String howToGet() {
    return "copy software.amazon.dynamodb:DynamoDBLocal and what it depends on into a directory (in Rananeeti's own build: ./mvnw -pl rananeeti-dynamodb-local generate-resources; elsewhere see docs/testkit.md)";
  }

  @Override
  public List<String> options() {
    return Runtime.version().feature() > 21
        ? List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED")
        : List.of("-Xmx512m");
  }

  @Override
  public List<String> main(int port) {
    List<String> main = new ArrayList<>();
    main.add(DynamoLauncher.class.getName());
    main.addAll(List.of("-port", String.valueOf(port), "-sharedDb", "-disableTelemetry"));
    main.addAll(inMemory ? List.of("-inMemory") : List.of("-dbPath", "data"));
    return main;
  }

  @Override
  public void prepare(Path root, int port) {}
}
