package io.rananeeti.examples.cafe;

import io.rananeeti.DeadLetter;
import io.rananeeti.Health.Shared;
import io.rananeeti.Health.StoreHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of the outage page at one moment.
 *
 * @param at that moment
 * @param health of the database's store
 * @param takesWork whether orders can be taken
 * @param storedAtOnce orders that needed no log, since the start
 * @param shared the nodes that share their logs, null if this cafe is the only one
 */
record OutageView(
    Instant at, StoreHealth health, boolean takesWork, long storedAtOnce, @Nullable Shared shared) {

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  /**
   * One point of the chart.
   *
   * @param at when
   * @param taken orders taken since the start, and those that waited then
   * @param stored how many of them the database has
   */
  record Sample(Instant at, long taken, long stored) {

    /** Milliseconds since the epoch, taken, stored. */
    List<Long> numbers() {
      return List.of(at.toEpochMilli(), taken, stored);
    }
  }

  /**
   * An order that the database refused.
   *
   * @param id its transaction
   * @param number its order, empty if that is not known any more
   * @param acceptedAt when it was taken
   * @param cause why it was refused
   */
  record Letter(String id, String number, String acceptedAt, String cause) {

    /** A dead letter for the page. */
    static Letter of(DeadLetter letter, Optional<String> number) {
      return new Letter(
          letter.id().toString(),
          number.orElse(""),
          TIME.format(letter.acceptedAt().atZone(ZoneId.systemDefault())),
          "%s (SQLSTATE %s)".formatted(letter.reason(), letter.sqlState()));
    }
  }

  /**
   * A node that shares its log.
   *
   * @param name of which number
   * @param state how it is
   * @param isAlive whether it says that it lives
   */
  record Node(String name, String state, boolean isAlive) {}

  /** The nodes, by number. */
  List<Node> nodes() {
    return shared == null
        ? List.of()
        : shared.nodes().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(node -> node(shared, node.getKey(), node.getValue()))
            .toList();
  }

  private static Node node(Shared shared, long number, boolean isAlive) {
    String name = "Node " + number + (number == shared.node() ? ", this one" : "");
    return new Node(
        name, isAlive ? "lives" : "says nothing: another one applies what it has left", isAlive);
  }

  /** What the nodes have agreed upon about the database. */
  String agreement() {
    if (shared == null) {
      return "";
    }
    if (shared.alone()) {
      return "The shared log can't be reached: this node goes on by itself.";
    }
    return switch (shared.modes().getOrDefault(CafePlatform.STORE, "")) {
      case "DIRECT" -> "DIRECT: all write to the database.";
      case "CLOSING" ->
          "CLOSING: the last that waits is applied, before all write to the database again.";
      default -> "LOGGED: all write to their logs, so that nobody overtakes what waits elsewhere.";
    };
  }

  /** The point of the chart for this moment. */
  Sample sample() {
    long stored = storedAtOnce + health.applied();
    return new Sample(at, stored + health.backlog() + health.deadLetters(), stored);
  }

  /** {@code UP}, {@code DOWN} or {@code RECOVERING}. */
  String state() {
    return health.availability().name();
  }

  /** What the state means for a guest. */
  String meaning() {
    if (health.hold() != null) {
      return "The database is held for maintenance. Orders are taken all the same, and kept on disk.";
    }
    return switch (health.availability()) {
      case UP -> "The database is there. Orders go straight to it.";
      case DOWN ->
          takesWork
              ? "The database is gone. Orders are taken all the same, and kept on disk."
              : "The database is gone, and the log takes no more orders.";
      case RECOVERING -> "The database is back. What waited is written to it, in order.";
    };
  }

  /** For how long the state has lasted. */
  String since() {
    return Ages.words(Duration.between(health.since(), at));
  }

  /** How long the oldest order has waited, a dash if none waits. */
  String oldest() {
    Duration oldest = health.oldest();
    return oldest == null ? "–" : Ages.words(oldest);
  }

  /** What changes while one looks, by the names that the page gives it. */
  Map<String, String> live(@Nullable DatabaseSwitch powerSwitch) {
    Map<String, String> live = new LinkedHashMap<>();
    live.put("state", state());
    live.put("meaning", meaning());
    live.put("since", since());
    live.put("backlog", Long.toString(health.backlog()));
    live.put("oldest", oldest());
    live.put("applied", Long.toString(health.applied()));
    live.put("stored", Long.toString(storedAtOnce));
    live.put("dead-letters", Integer.toString(health.deadLetters()));
    live.put("database", powerSwitch == null ? "" : powerSwitch.position().name());
    return live;
  }

  /** What {@code GET /health} answers. */
  Map<String, @Nullable Object> report() {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    Duration oldest = health.oldest();
    report.put("state", state());
    report.put("backlog", health.backlog());
    report.put("oldestAgeSeconds", oldest == null ? null : oldest.toMillis() / 1000.0);
    report.put("applied", health.applied());
    report.put("deadLetters", health.deadLetters());
    report.put("takesOrders", takesWork);
    if (shared != null) {
      report.put("node", shared.node());
      report.put("alone", shared.alone());
      report.put("agreement", shared.modes().get(CafePlatform.STORE));
      report.put("nodesAlive", nodes().stream().filter(Node::isAlive).count());
      report.put("nodesGone", nodes().stream().filter(node -> !node.isAlive()).count());
    }
    report.put("alarms", health.alarms());
    return report;
  }
}
