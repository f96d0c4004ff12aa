package io.rananeeti.examples.cafe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receipts: an object of S3 and the row that points to it, with the order or not at all. */
final class CafeReceiptsIT {

  private static final String ORDER =
      "Name=%s&People=2&date=2030-05-06T19:30&Message=by+the+window";
  private static final Pattern PAGE = Pattern.compile("/orders/([0-9a-f]{20})\\.html");

  @TempDir private Path directory;

  private Path data() {
    return directory.resolve("data");
  }

  @AfterEach
  void endDatabase() throws Exception {
    CafeProcess.endDatabase(data());
  }

  @Test
  void anOrderHasItsReceiptWhateverWasGone() throws Exception {
    String later;
    try (CafeProcess cafe = start()) {
      cafe.awaitDrained();
      String first = order(cafe, "Ann");
      assertThat(cafe.get("/orders/" + first + ".html").body())
          .contains("href=\"/receipts/" + first + ".txt\"");
      assertReceipt(cafe, first, "Ann");

      cafe.flip("kill");
      String inTheDark = order(cafe, "Bob");
      assertThat(cafe.get("/receipts/" + inTheDark + ".txt").statusCode()).isIn(404, 503);
      cafe.flip("start");
      cafe.awaitDrained();
      assertReceipt(cafe, inTheDark, "Bob");

      cafe.endS3();
      later = order(cafe, "Cid");
      assertThat(cafe.get("/receipts/" + later + ".txt").statusCode())
          .as("no row points to an object that is not there")
          .isEqualTo(404);
      cafe.kill();
    }
    try (CafeProcess cafe = start()) {
      cafe.awaitDrained();
      assertReceipt(cafe, later, "Cid");
    }
  }

  private CafeProcess start() throws Exception {
    return CafeProcess.start(data(), Map.of(), "--receipts");
  }

  private static String order(CafeProcess cafe, String name) throws Exception {
    HttpResponse<String> response = cafe.post("/order", ORDER.formatted(name));
    assertThat(response.statusCode()).isEqualTo(302);
    Matcher page = PAGE.matcher(response.headers().firstValue("Location").orElse(""));
    assertThat(page.find()).isTrue();
    return page.group(1);
  }

  private static void assertReceipt(CafeProcess cafe, String number, String name) throws Exception {
    String page = "/receipts/" + number + ".txt";
    // S3 may not have been up yet when it was ordered.
    CafeProcess.await("the receipt is there", () -> cafe.get(page).statusCode() == 200);
    HttpResponse<String> receipt = cafe.get(page);
    assertThat(receipt.body()).contains(number).contains(name).contains("by the window");
  }
}
