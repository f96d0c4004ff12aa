package io.rananeeti.examples.cafe;

import io.rananeeti.DataPlatform;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receipt of an order, {@code /receipts/<number>.txt}: what the order's row points to. 404
 * while there is no row, 503 while the database or S3 can't be asked.
 */
final class ReceiptServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final Logger log = LoggerFactory.getLogger(ReceiptServlet.class);
  private static final String END = ".txt";
  private static final String FIND = "SELECT objkey FROM cafe.receipts WHERE ordrdgst = ?";

  private final transient Pages pages;
  private final transient DataPlatform platform;
  private final transient Receipts receipts;

  ReceiptServlet(Pages pages, DataPlatform platform, Receipts receipts) {
    this.pages = pages;
    this.platform = platform;
    this.receipts = receipts;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<String> number = number(request.getPathInfo());
    try {
      Optional<String> key = number.isEmpty() ? Optional.empty() : key(number.get());
      if (key.isEmpty()) {
        pages.sendProblem(
            response, HttpServletResponse.SC_NOT_FOUND, "There is no such receipt yet.");
        return;
      }
      send(response, key.get());
    } catch (SQLException e) {
      log.debug("a receipt can't be read, SQLSTATE {}", e.getSQLState(), e);
      pages.sendProblem(
          response,
          HttpServletResponse.SC_SERVICE_UNAVAILABLE,
          "The receipt can't be read just now. It is safe; come back later.");
    }
  }

  private void send(HttpServletResponse response, String key) throws SQLException, IOException {
    byte[] receipt =
        receipts
            .read(key)
            .orElseThrow(() -> new SQLException("an order points to no receipt: " + key, "02000"));
    response.setContentType("text/plain");
    response.setCharacterEncoding("UTF-8");
    response.setContentLength(receipt.length);
    response.getOutputStream().write(receipt);
  }

  private Optional<String> key(String number) throws SQLException {
    try (Connection connection = platform.getConnection(CafePlatform.STORE);
        PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, number);
      try (ResultSet rows = find.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  private static Optional<String> number(String path) {
    return Optional.ofNullable(path)
        .filter(name -> name.endsWith(END))
        .map(name -> name.substring(1, name.length() - END.length()))
        .filter(OrderNumber::isNumber);
  }
}
