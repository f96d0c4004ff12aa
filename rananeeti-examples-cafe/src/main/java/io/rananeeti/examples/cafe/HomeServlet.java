package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** The cafe, and a reservation form with a token of its own. */
final class HomeServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Pages pages;
  private final transient OrderDesk desk;

  HomeServlet(Pages pages, OrderDesk desk) {
    this.pages = pages;
    this.desk = desk;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    pages.send(
        response,
        HttpServletResponse.SC_OK,
        "home",
        Map.of("form", OrderForm.blank(), "canEmulate", desk.canEmulate()));
  }
}
