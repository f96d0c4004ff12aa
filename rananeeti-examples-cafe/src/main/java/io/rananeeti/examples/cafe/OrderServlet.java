package io.rananeeti.examples.cafe;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the reservation form: 302 to the order's page once the order is in the database or safe in
 * the log, 400 and the form as it was typed if something is wrong with it, 409 if the database
 * refused the order, 503 if it could not be taken for another reason.
 */
final class OrderServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final Logger log = LoggerFactory.getLogger(OrderServlet.class);

  private static final int CONFLICT = HttpServletResponse.SC_CONFLICT;
  private static final int UNAVAILABLE = HttpServletResponse.SC_SERVICE_UNAVAILABLE;

  private final transient Pages pages;
  private final transient OrderDesk desk;

  OrderServlet(Pages pages, OrderDesk desk) {
    this.pages = pages;
    this.desk = desk;
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      OrderForm form = OrderForm.of(FormBody.read(request));
      if (form.isValid()) {
        take(form, response);
      } else {
        sendForm(response, HttpServletResponse.SC_BAD_REQUEST, form, "");
      }
    } catch (BadRequest e) {
      pages.sendProblem(response, e.status(), e.sentence());
    }
  }

  private void take(OrderForm form, HttpServletResponse response) throws IOException {
    Order order = form.order();
    try {
      desk.take(order);
      response.setStatus(HttpServletResponse.SC_FOUND);
      response.setHeader("Location", "/orders/" + order.number() + ".html");
    } catch (SQLException e) {
      log.warn("order {} could not be taken, SQLSTATE {}", order.number(), e.getSQLState());
      sendForm(response, isRefusal(e) ? CONFLICT : UNAVAILABLE, form, trouble(e));
    }
  }

  /** Data exceptions and violated constraints: the database would refuse the same order again. */
  private static boolean isRefusal(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("22") || state.startsWith("23");
  }

  private static String trouble(SQLException e) {
    return isRefusal(e)
        ? "The database refused this order. Nothing has been ordered."
        : "Your order could not be taken just now. Send it again: it will be one order.";
  }

  private void sendForm(HttpServletResponse response, int status, OrderForm form, String trouble)
      throws IOException {
    pages.send(
        response,
        status,
        "reservation",
        Map.of("form", form, "canEmulate", desk.canEmulate(), "trouble", trouble));
  }
}
