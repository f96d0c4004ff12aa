package io.rananeeti.examples.cafe;

import io.rananeeti.TransactionId;
import io.rananeeti.error.RananeetiException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Retries or gives up an order that the database refused. */
final class DeadLettersServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final Logger log = LoggerFactory.getLogger(DeadLettersServlet.class);

  private final transient Pages pages;
  private final transient Outage outage;

  DeadLettersServlet(Pages pages, Outage outage) {
    this.pages = pages;
    this.outage = outage;
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      FormBody form = FormBody.read(request);
      deal(form.value("action"), id(form.value("id")));
      response.setStatus(HttpServletResponse.SC_SEE_OTHER);
      response.setHeader("Location", "/outage");
    } catch (BadRequest e) {
      pages.sendProblem(response, e.status(), e.sentence());
    } catch (RananeetiException e) {
      log.warn("a dead letter could not be dealt with", e);
      pages.sendProblem(
          response,
          HttpServletResponse.SC_SERVICE_UNAVAILABLE,
          "That was not possible just now. The order is still among the refused ones.");
    }
  }

  private static TransactionId id(String text) throws BadRequest {
    try {
      return TransactionId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BadRequest(
          HttpServletResponse.SC_BAD_REQUEST, "That is not the id of a transaction.");
    }
  }

  private void deal(String action, TransactionId id) throws BadRequest {
    try {
      switch (action) {
        case "retry" -> outage.retry(id);
        case "discard" -> outage.discard(id);
        default ->
            throw new BadRequest(
                HttpServletResponse.SC_BAD_REQUEST, "A refused order is retried or discarded.");
      }
    } catch (IllegalArgumentException e) {
      throw new BadRequest(
          HttpServletResponse.SC_CONFLICT, "Somebody has dealt with that order already.");
    }
  }
}
