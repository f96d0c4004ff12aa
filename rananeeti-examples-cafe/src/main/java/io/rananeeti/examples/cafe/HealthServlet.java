package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** How the cafe is, for machines: 200 as long as orders can be taken, else 503. */
final class HealthServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Outage outage;

  HealthServlet(Outage outage) {
    this.outage = outage;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    OutageView view = outage.view();
    response.setStatus(
        view.takesWork() ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    response.setContentType("application/json");
    response.setCharacterEncoding("UTF-8");
    response.setHeader("Cache-Control", "no-store");
    response.getWriter().write(Json.of(view.report()));
  }
}
