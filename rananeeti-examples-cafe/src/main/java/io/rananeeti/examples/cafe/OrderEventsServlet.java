package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** What becomes of an order, live: {@code /events/orders/<number>}. */
final class OrderEventsServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Pages pages;
  private final transient OrderTruth truth;
  private final transient OrderLog log;
  private final transient LivePages live;

  OrderEventsServlet(Pages pages, OrderTruth truth, OrderLog log, LivePages live) {
    this.pages = pages;
    this.truth = truth;
    this.log = log;
    this.live = live;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getPathInfo();
    String number = path == null ? "" : path.substring(1);
    if (!OrderNumber.isNumber(number) || !log.knows(number)) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    live.show(request, response, new OrderNews(number));
  }

  /** What one viewer of an order has been sent. Used by the thread of the live pages only. */
  private final class OrderNews implements LivePages.Source {

    private final String number;
    private String sent = "";

    OrderNews(String number) {
      this.number = number;
    }

    @Override
    public void sendNews(EventStream stream) {
      OrderView order = OrderView.of(number, truth.events(number));
      String html = pages.render("orderlog", Map.of("order", order));
      if (!html.equals(sent)) {
        stream.send("log", html);
        sent = html;
      }
      if (order.state().isFinal()) {
        stream.send("end", order.state().name());
        stream.end();
      }
    }
  }
}
