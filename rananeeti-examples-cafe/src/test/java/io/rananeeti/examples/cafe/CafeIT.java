package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.rananeeti.testkit.Fault;
import io.rananeeti.testkit.FaultPoint;
import io.rananeeti.testkit.FaultProxy;
import io.rananeeti.testkit.Message;
import io.rananeeti.testkit.PostgresServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar of the cafe, with the embedded database and with one of the user's own. */
final class CafeIT {

  private static final Duration STALL = Duration.ofSeconds(60);
  private static final String ORDER = "Name=%s&People=2&date=2030-05-17T19:30";

  @TempDir private Path directory;

  @AfterEach
  void close() throws Exception {
    CafeProcess.endDatabase(data());
  }

  private Path data() {
    return directory.resolve("data");
  }

  @Test
  void startedWithTheDatabaseDownItTakesOrdersThatAreAppliedWhenItAppears() throws Exception {
    try (PostgresServer server = ownServer()) {
      server.kill();
      try (CafeProcess cafe = openOn(server)) {
        List<String> pages = List.of(order(cafe, "Ann"), order(cafe, "Bob"), order(cafe, "Cem"));
        assertThat(cafe.health("state")).isEqualTo("DOWN");
        assertThat(cafe.get(pages.get(0)).body()).contains("id=\"state\">accepted<");

        server.start();

        cafe.awaitDrained();
        assertThat(names(server)).containsExactly("Ann", "Bob", "Cem");
        for (String page : pages) {
          CafeProcess.await(
              "applied", () -> cafe.get(page).body().contains("id=\"state\">applied<"));
        }
      }
      assertThat(server.isRunning()).isTrue();
    }
  }

  @Test
  void aDatabaseOfTheUsersOwnCannotBeSwitched() throws Exception {
    try (PostgresServer server = ownServer();
        CafeProcess cafe = openOn(server)) {
      assertThat(cafe.get("/outage").body()).doesNotContain("Kill the database");
      assertThat(cafe.post("/outage", "action=kill").statusCode()).isEqualTo(403);
      assertThat(server.isRunning()).isTrue();
    }
  }

  @Test
  void aRefusedOrderCanBeSentAgainOnceTheDatabaseWouldTakeIt() throws Exception {
    try (PostgresServer server = ownServer()) {
      server.execute(Schema.DDL.toArray(String[]::new));
      server.execute(
          "ALTER TABLE cafe.ordersraw ADD CONSTRAINT no_poison CHECK (ordrname <> 'poison')");
      server.kill();
      try (CafeProcess cafe = openOn(server)) {
        final String poison = order(cafe, "poison");
        order(cafe, "Ann");
        server.start();
        cafe.awaitDrained();
        assertThat(names(server)).containsExactly("Ann");
        assertThat(cafe.health("deadLetters")).isEqualTo("1");
        assertThat(cafe.get(poison).body()).contains("id=\"state\">refused<", "no_poison", "23514");
        String outage = cafe.get("/outage").body();
        assertThat(outage).contains("no_poison", "23514", poison);

        server.execute("ALTER TABLE cafe.ordersraw DROP CONSTRAINT no_poison");
        HttpResponse<String> retry =
            cafe.post("/outage/dead-letters", "action=retry&id=" + letter(outage));

        assertThat(retry.statusCode()).isEqualTo(303);
        CafeProcess.await("applied", () -> names(server).contains("poison"));
        CafeProcess.await("told", () -> cafe.get(poison).body().contains("id=\"state\">applied<"));
        cafe.awaitHealth("deadLetters", "0");
        assertThat(cafe.post("/outage/dead-letters", "action=retry&id=" + letter(outage)))
            .extracting(HttpResponse::statusCode)
            .isEqualTo(409);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_500})
  void aCommitWhoseReplyIsLostIsOneOrderAndItsPageTellsTheTruth(long late) throws Exception {
    try (PostgresServer server = ownServer();
        FaultProxy proxy = FaultProxy.inFrontOf(server);
        CafeProcess cafe = openOn(server, proxy.url())) {
      cafe.awaitHealth("state", "UP");
      order(cafe, "Ann");
      FaultPoint atCommit = proxy.on(Message.commit());
      Fault fault =
          late == 0 ? atCommit.loseReply() : atCommit.deliverLate(Duration.ofMillis(late));

      String page = order(cafe, "Bob");

      if (late == 0) {
        fault.awaitDelivered(STALL);
      } else {
        fault.awaitOver(STALL); // The platform may end the session before what is late arrives.
      }
      cafe.awaitDrained();
      assertThat(fault.triggered()).isEqualTo(1);
      assertThat(names(server)).containsExactly("Ann", "Bob");
      CafeProcess.await("applied", () -> cafe.get(page).body().contains("id=\"state\">applied<"));
    }
  }

  @Test
  void badInputReachesNeitherTheLogNorTheTable() throws Exception {
    try (PostgresServer server = ownServer();
        CafeProcess cafe = openOn(server)) {
      cafe.awaitHealth("state", "UP");
      server.kill();
      order(cafe, "good");
      assertThat(cafe.health("backlog")).isEqualTo("1");

      assertThat(cafe.post("/order", "Name=Ann").statusCode()).isEqualTo(400);
      assertThat(cafe.post("/order", ORDER.formatted("%00")).statusCode()).isEqualTo(400);
      assertThat(cafe.post("/order", ORDER.formatted("x".repeat(41))).statusCode()).isEqualTo(400);
      assertThat(cafe.post("/order", ORDER.formatted("x".repeat(65_536))).statusCode())
          .isEqualTo(413);

      assertThat(cafe.health("backlog")).isEqualTo("1");
      server.start();
      cafe.awaitDrained();
      assertThat(names(server)).containsExactly("good");
      assertThat(orderLogs()).hasSize(1);
    }
  }

  @Test
  void everyOrderWithEmulatedFailuresLandsOnce() throws Exception {
    try (CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      cafe.awaitHealth("state", "UP");
      int orders = 20;
      int resets = 0;
      for (int i = 0; i < orders; i++) {
        String page = cafe.get(order(cafe, "Ann&Emulate=on")).body();
        resets += page.split("the connection was reset", -1).length - 1;
      }
      cafe.awaitDrained();

      try (Connection connection = cafe.connect()) {
        assertThat(CafeProcess.count(connection)).isEqualTo(orders);
      }
      assertThat(resets).isPositive();
    }
  }

  @Test
  void aKilledCafeLeavesItsDatabaseToTheNext() throws Exception {
    long postmaster;
    String page;
    try (CafeProcess killed = CafeProcess.start(data(), Map.of())) {
      killed.awaitHealth("state", "UP");
      page = order(killed, "Ann");
      postmaster = killed.postmaster();
      killed.kill();
    }

    try (CafeProcess next = CafeProcess.start(data(), Map.of())) {
      assertThat(next.postmaster()).isEqualTo(postmaster);
      assertThat(next.get(page).body()).contains("id=\"state\">applied<");
      next.awaitHealth("state", "UP");
      assertThat(next.stop()).isEqualTo(143);
    }
    assertThat(data().resolve("postgres/data/postmaster.pid")).doesNotExist();
  }

  @Test
  void twoCafesCannotShareADirectory() throws Exception {
    try (CafeProcess cafe = CafeProcess.start(data(), Map.of())) {
      Throwable refusal = catchOpening();

      assertThat(refusal).hasMessageContaining("Another cafe uses the directory");
      assertThat(cafe.get("/health").statusCode()).isEqualTo(200);
      cafe.awaitHealth("state", "UP");
    }
  }

  private Throwable catchOpening() {
    return catchThrowable(() -> CafeProcess.start(data(), Map.of()).close());
  }

  private PostgresServer ownServer() {
    return PostgresServer.builder().directory(directory.resolve("own")).start();
  }

  private CafeProcess openOn(PostgresServer server) throws Exception {
    return openOn(server, server.url());
  }

  private CafeProcess openOn(PostgresServer server, String url) throws Exception {
    return CafeProcess.start(
        data(),
        Map.of(
            "CAFE_DATABASE_URL", url,
            "CAFE_DATABASE_USER", server.user(),
            "CAFE_DATABASE_PASSWORD", server.password()));
  }

  private static String order(CafeProcess cafe, String name) throws Exception {
    HttpResponse<String> response = cafe.post("/order", ORDER.formatted(name));
    assertThat(response.statusCode()).isEqualTo(302);
    return response.headers().firstValue("Location").orElseThrow();
  }

  private static List<String> names(PostgresServer server) throws Exception {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT ordrname FROM cafe.ordersraw ORDER BY ordrid")) {
      List<String> names = new ArrayList<>();
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      return names;
    }
  }

  private static String letter(String page) {
    Matcher id = Pattern.compile("name=\"id\" value=\"([^\"]+)\"").matcher(page);
    assertThat(id.find()).isTrue();
    return id.group(1);
  }

  private List<Path> orderLogs() throws IOException {
    try (Stream<Path> files = Files.walk(data().resolve("orders"))) {
      return files.filter(file -> file.toString().endsWith(".log")).toList();
    }
  }
}
