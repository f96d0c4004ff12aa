package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The page of an order, {@code /orders/<number>.html}. */
final class OrderPageServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final String END = ".html";

  private final transient Pages pages;
  private final transient OrderTruth truth;
  private final transient OrderLog log;
  private final boolean hasReceipts;

  OrderPageServlet(Pages pages, OrderTruth truth, OrderLog log, boolean hasReceipts) {
    this.hasReceipts = hasReceipts;
    this.pages = pages;
    this.truth = truth;
    this.log = log;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<String> number = number(request.getPathInfo());
    if (number.isEmpty()) {
      pages.sendProblem(response, HttpServletResponse.SC_NOT_FOUND, "There is no such order.");
      return;
    }
    OrderView order = OrderView.of(number.get(), truth.events(number.get()));
    pages.send(
        response,
        HttpServletResponse.SC_OK,
        "order",
        Map.of("order", order, "hasReceipts", hasReceipts));
  }

  private Optional<String> number(String path) {
    return Optional.ofNullable(path)
        .filter(name -> name.endsWith(END))
        .map(name -> name.substring(1, name.length() - END.length()))
        .filter(OrderNumber::isNumber)
        .filter(log::knows);
  }
}
