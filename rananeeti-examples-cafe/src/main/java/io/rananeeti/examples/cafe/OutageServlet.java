package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The outage page, and the switch on it that kills and starts the embedded database. */
final class OutageServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Pages pages;
  private final transient Outage outage;
  private final transient @Nullable DatabaseSwitch powerSwitch;

  OutageServlet(Pages pages, Outage outage, @Nullable DatabaseSwitch powerSwitch) {
    this.pages = pages;
    this.outage = outage;
    this.powerSwitch = powerSwitch;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    OutageView view = outage.view();
    pages.send(
        response,
        HttpServletResponse.SC_OK,
        "outage",
        Map.of(
            "view",
            view,
            "live",
            view.live(powerSwitch),
            "letters",
            outage.letters(),
            "hasSwitch",
            powerSwitch != null));
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (powerSwitch == null) {
      pages.sendProblem(
          response,
          HttpServletResponse.SC_FORBIDDEN,
          "This database is not the cafe's own: it can't be switched from here.");
      return;
    }
    try {
      flip(powerSwitch, FormBody.read(request).value("action"));
      response.setStatus(HttpServletResponse.SC_SEE_OTHER);
      response.setHeader("Location", "/outage");
    } catch (BadRequest e) {
      pages.sendProblem(response, e.status(), e.sentence());
    }
  }

  private static void flip(DatabaseSwitch database, String action) throws BadRequest {
    switch (action) {
      case "kill" -> database.kill();
      case "start" -> database.start();
      default ->
          throw new BadRequest(
              HttpServletResponse.SC_BAD_REQUEST, "The database can be told to kill or start.");
    }
  }
}
