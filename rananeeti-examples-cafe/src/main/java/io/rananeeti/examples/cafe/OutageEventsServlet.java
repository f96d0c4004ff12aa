package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers of the outage page, live: {@code /events/outage}. */
final class OutageEventsServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Pages pages;
  private final transient Outage outage;
  private final transient @Nullable DatabaseSwitch powerSwitch;
  private final transient LivePages live;

  OutageEventsServlet(
      Pages pages, Outage outage, @Nullable DatabaseSwitch powerSwitch, LivePages live) {
    this.pages = pages;
    this.outage = outage;
    this.powerSwitch = powerSwitch;
    this.live = live;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    live.show(request, response, new OutageNews());
  }

  /** What one viewer has been sent. Used by the thread of the live pages only. */
  private final class OutageNews implements LivePages.Source {

    private Instant sampled = Instant.EPOCH;
    private String numbers = "";
    private String notices = "";

    @Override
    public void sendNews(EventStream stream) {
      OutageView view = outage.view();
      sendSamples(stream);
      sendNotices(stream, view);
      String json = Json.of(view.live(powerSwitch));
      if (!json.equals(numbers)) {
        stream.send("numbers", json);
        numbers = json;
      }
    }

    private void sendSamples(EventStream stream) {
      List<OutageView.Sample> samples =
          outage.history().stream().filter(sample -> sample.at().isAfter(sampled)).toList();
      if (!samples.isEmpty()) {
        stream.send("samples", Json.of(samples.stream().map(OutageView.Sample::numbers).toList()));
        sampled = samples.get(samples.size() - 1).at();
      }
    }

    private void sendNotices(EventStream stream, OutageView view) {
      String html = pages.render("notices", Map.of("view", view, "letters", outage.letters()));
      if (!html.equals(notices)) {
        stream.send("notices", html);
        notices = html;
      }
    }
  }
}
