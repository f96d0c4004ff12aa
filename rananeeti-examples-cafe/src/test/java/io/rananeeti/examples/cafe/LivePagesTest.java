package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LivePagesTest {

  @TempDir private Path directory;

  private volatile LivePages.Source source = stream -> {};
  private final List<Socket> sockets = new ArrayList<>();
  private HttpCafe cafe;

  @BeforeEach
  void open() throws Exception {
    cafe = new HttpCafe(directory, Map.of("/events", new EventsServlet()));
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    cafe.close();
  }

  @Test
  void aViewerGetsEventsAndTheirEnd() throws Exception {
    source =
        stream -> {
          stream.send("log", "one\ntwo");
          stream.end();
        };

    String body = cafe.get("/events").body();

    assertThat(body).startsWith("retry: 1000\n\nevent: log\ndata: one\ndata: two\n\n");
  }

  @Test
  void aViewerThatVanishesIsDropped() throws Exception {
    source = EventStream::beat;
    Socket viewer = connect();
    assertThat(status(viewer)).contains("200");
    assertThat(cafe.live.viewers()).isEqualTo(1);

    viewer.setSoLinger(true, 0);
    viewer.close();

    CafeProcess.await("dropped", () -> cafe.live.viewers() == 0);
  }

  @Test
  void aViewerThatTakesNothingIsDroppedAndHoldsUpNobody() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    String large = "x".repeat(1_000_000);
    source =
        stream -> {
          for (int i = 0; i < EventStream.LIMIT / 2; i++) {
            stream.send("log", large);
          }
          sent.incrementAndGet();
        };
    connect();

    CafeProcess.await("dropped", () -> sent.get() > 0 && cafe.live.viewers() == 0);
    assertThat(cafe.get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void beyondTheLimitViewersAreAskedToComeBackLater() throws Exception {
    for (int i = 0; i < LivePages.LIMIT; i++) {
      assertThat(status(connect())).contains("200");
    }

    assertThat(status(connect())).contains("503");
  }

  @Test
  void aSourceThatFailsEndsItsOwnStreamOnly() throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    source =
        stream -> {
          if (ticks.incrementAndGet() == 1) {
            throw new IllegalStateException("meant to fail");
          }
          stream.send("log", "still here");
          stream.end();
        };

    String failed = cafe.get("/events").body();
    String next = cafe.get("/events").body();

    assertThat(failed).doesNotContain("still here");
    assertThat(next).contains("still here");
  }

  private Socket connect() throws IOException {
    URI uri = cafe.uri("/events");
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    sockets.add(socket);
    socket
        .getOutputStream()
        .write("GET /events HTTP/1.1\r\nHost: cafe\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    InputStream input = socket.getInputStream();
    return String.valueOf(
        new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8)).readLine());
  }

  private final class EventsServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      cafe.live.show(request, response, stream -> source.sendNews(stream));
    }
  }
}
