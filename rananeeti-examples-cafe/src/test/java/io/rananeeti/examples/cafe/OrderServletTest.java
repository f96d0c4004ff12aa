package io.rananeeti.examples.cafe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OrderServletTest {

  private static final String GOOD = "Name=Ann&People=2&date=2030-05-17T19:30";

  @TempDir private Path directory;
  private HttpCafe cafe;

  @BeforeEach
  void open() throws Exception {
    cafe = new HttpCafe(directory, Map.of());
  }

  @AfterEach
  void close() {
    cafe.close();
  }

  @Test
  void anOrderIsAnsweredWithTheAddressOfItsPage() throws Exception {
    HttpResponse<String> response = cafe.order(GOOD);

    assertThat(response.statusCode()).isEqualTo(302);
    assertThat(response.headers().firstValue("Location").orElseThrow())
        .isEqualTo("/orders/" + cafe.book.get(0).number() + ".html");
  }

  @Test
  void everyFormThatIsHandedOutIsAnOrderOfItsOwn() throws Exception {
    String first = token(cafe.get("/").body());
    String second = token(cafe.get("/").body());

    cafe.order(GOOD + "&token=" + first);
    cafe.order(GOOD + "&token=" + first);
    cafe.order(GOOD + "&token=" + second);

    assertThat(cafe.book)
        .extracting(Order::number)
        .satisfies(
            numbers -> {
              assertThat(numbers.get(0)).isEqualTo(numbers.get(1));
              assertThat(numbers.get(2)).isNotEqualTo(numbers.get(0));
            });
  }

  @Test
  void badInputComesBackAsItWasTypedWithAWordBesideEachField() throws Exception {
    String longName = "Anna \"Annie\" & <b>Bo</b> " + "x".repeat(40);

    HttpResponse<String> response =
        cafe.order(
            "Name="
                + encoded(longName)
                + "&People=many&date=soon&Message="
                + encoded("</textarea>")
                + "&token=abc");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .contains("there is room for 40")
        .contains("A whole number from 1 to 9999")
        .contains("A date and time, please")
        .contains("value=\"many\"")
        .contains("value=\"soon\"")
        .contains("value=\"abc\"")
        .contains("Anna &#34;Annie&#34; &amp; &lt;b")
        .contains("&lt;/textarea")
        .doesNotContain("<b>Bo");
    assertNothingHappened();
  }

  @Test
  void missingFieldsAreNamed() throws Exception {
    HttpResponse<String> response = cafe.order("");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .contains("id=\"Name-error\">Please tell us your name.")
        .contains("id=\"People-error\">How many of you will come?")
        .contains("id=\"date-error\">When shall we expect you?");
    assertNothingHappened();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD + "&Name=Bob",
        GOOD + "&Message=%zz",
        GOOD + "&Message=%c3",
        GOOD + "&Message=%00",
        GOOD + "&token=%20",
        GOOD + "&Emulate=perhaps",
        "Name=%00&People=2&date=2030-05-17T19:30"
      })
  void malformedFormsAreRefused(String form) throws Exception {
    assertThat(cafe.order(form).statusCode()).isEqualTo(400);
    assertNothingHappened();
  }

  @Test
  void aBodyOfMoreThan64KilobytesIsTooLarge() throws Exception {
    HttpResponse<String> response = cafe.order(GOOD + "&Message=" + "x".repeat(64 * 1024));

    assertThat(response.statusCode()).isEqualTo(413);
    assertNothingHappened();
  }

  @Test
  void aBodyOfMoreThan64KilobytesIsTooLargeAlsoWithoutAnAnnouncedLength() throws Exception {
    byte[] body = (GOOD + "&Message=" + "x".repeat(200 * 1024)).getBytes(UTF_8);

    HttpResponse<String> response =
        cafe.send(
            cafe.request("/order")
                .header("Content-Type", HttpCafe.FORM)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));

    assertThat(response.statusCode()).isEqualTo(413);
    assertNothingHappened();
  }

  @Test
  void aBodyOf64KilobytesIsReadToItsEnd() throws Exception {
    String form = GOOD + "&ignored=";

    HttpResponse<String> response = cafe.order(form + "x".repeat(64 * 1024 - form.length()));

    assertThat(response.statusCode()).isEqualTo(302);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=iso-8859-1"
      })
  void onlyAFormIsAnOrder(String type) throws Exception {
    HttpResponse<String> response =
        cafe.send(
            cafe.request("/order")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(GOOD)));

    assertThat(response.statusCode()).isEqualTo(415);
    assertNothingHappened();
  }

  @Test
  void aFormMayNameItsCharset() throws Exception {
    HttpResponse<String> response =
        cafe.send(
            cafe.request("/order")
                .header("Content-Type", "Application/X-WWW-Form-Urlencoded; Charset=\"UTF-8\"")
                .POST(BodyPublishers.ofString(GOOD)));

    assertThat(response.statusCode()).isEqualTo(302);
  }

  @Test
  void withoutATypeThereIsNoOrder() throws Exception {
    HttpResponse<String> response =
        cafe.send(cafe.request("/order").POST(BodyPublishers.ofString(GOOD)));

    assertThat(response.statusCode()).isEqualTo(415);
    assertNothingHappened();
  }

  @Test
  void anOrderThatCannotBeTakenComesBackWithItsToken() throws Exception {
    cafe.breakBook(new SQLException("the log is full", "53100"));

    HttpResponse<String> response = cafe.order(GOOD + "&token=abc");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .contains("Send it again: it will be one order.")
        .contains("value=\"abc\"")
        .contains("value=\"Ann\"")
        .doesNotContain("the log is full");
  }

  @Test
  void anOrderThatTheDatabaseRefusesIsNotTaken() throws Exception {
    cafe.breakBook(new SQLException("violates check", "23514"));

    assertThat(cafe.order(GOOD).statusCode()).isEqualTo(409);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
  void onlyReadingAndSendingFormsIsPossible(String method) throws Exception {
    HttpResponse<String> response =
        cafe.send(cafe.request("/order").method(method, BodyPublishers.noBody()));

    assertThat(response.statusCode()).isEqualTo(405);
  }

  @Test
  void otherSitesCannotSendForms() throws Exception {
    String own = cafe.uri("/").toString().replaceAll("/$", "");

    assertThat(cafe.order(GOOD, "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    assertThat(cafe.order(GOOD, "Sec-Fetch-Site", "same-site").statusCode()).isEqualTo(403);
    assertThat(cafe.order(GOOD, "Origin", "https://example.com").statusCode()).isEqualTo(403);
    assertThat(cafe.order(GOOD, "Origin", "null").statusCode()).isEqualTo(403);
    assertThat(cafe.book).isEmpty();

    assertThat(cafe.order(GOOD, "Sec-Fetch-Site", "same-origin").statusCode()).isEqualTo(302);
    assertThat(cafe.order(GOOD, "Origin", own).statusCode()).isEqualTo(302);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/static/cafe.css", "/order"})
  void everyAnswerTellsBrowsersToBeCareful(String path) throws Exception {
    HttpResponse<String> response = cafe.get(path);

    assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("Server")).isEmpty();
    assertThat(response.statusCode()).isLessThan(500);
  }

  @Test
  void whatIsNotThereIsAPageThatSaysSo() throws Exception {
    HttpResponse<String> response = cafe.get("/nothing/%3Cscript%3E");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("There is nothing here.").doesNotContain("jetty");
  }

  @Test
  void assetsAreSentOnceAsLongAsTheyAreTheSame() throws Exception {
    String tag = cafe.get("/static/cafe.js").headers().firstValue("ETag").orElseThrow();

    assertThat(cafe.get("/static/cafe.js", "If-None-Match", tag).statusCode()).isEqualTo(304);
    assertThat(cafe.get("/static/logback.xml").statusCode()).isEqualTo(404);
  }

  private void assertNothingHappened() {
    assertThat(cafe.book).isEmpty();
    assertThat(directory.resolve("orders")).isEmptyDirectory();
  }

  private static String token(String page) {
    Matcher token = Pattern.compile("name=\"token\" value=\"([0-9a-f]+)\"").matcher(page);
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
